// Repulsion on a grid: the points are spread onto its nodes, the nodes act on one another by a convolution, and what
// they do is gathered at the points.
//
// Departs from Linderman et al. 2019:
//   The total f(t) = sum_j 1 / (1 + |t - y_j|^2) alone is computed on the grid. The force is its slope,
//   sum_j (t - y_j) / (1 + |t - y_j|^2)^2 = -1/2 grad f(t), and f is differentiated where it is gathered. So there is
//   one transform and one back, where four kernels' worth of charges took four.
//   Both ways go by quintic B-splines over the whole grid instead of by polynomials of one box each, so that forces
//   are smooth, and the exact slope of the total that is reported.
//   The kernel's transform is kept until the grid changes.
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <ATen/Dispatch.h>

#include "cleave/base/error.h"
#include "cleave/classical/fixed_blocks.h"
#include "cleave/classical/lanes.h"
#include "cleave/classical/processors.h"
#include "cleave/classical/repulsion.h"

namespace cleave::classical {

namespace {

constexpr int64_t kLeastCells = 60;                          // along the longer side, however small the map is
constexpr int64_t kMostCells[2] = {int64_t{1} << 21, 2500};  // per side of a line and a plane: beyond, they are wider
constexpr int64_t kStencil = 6;                              // nodes per dimension that a point touches
constexpr int64_t kLanes = 8;   // the stencil's row, widened to what vector instructions take
constexpr int64_t kFade = 24;   // nodes of the padding over which the inverse of the splines fades
constexpr int64_t kTasks = 16;  // pieces of a transform; fixed, so that so are the bits

/// The smallest size >= least of the form 2^a 3^b 5^c with a >= 2, which transforms fast.
int64_t transform_size(int64_t least) {
  int64_t best = std::numeric_limits<int64_t>::max();
  for (int64_t fives = 4; fives < 2 * least; fives *= 5) {
    for (int64_t size = fives; size < 2 * least; size *= 3) {
      int64_t doubled = size;
      while (doubled < least)
        doubled *= 2;
      best = std::min(best, doubled);
    }
  }
  return best;
}

/// The quintic B-spline at the six nodes around a point that lies `f` in [0, 1) past the third.
CLEAVE_INLINED void spline_weights(float f, float* w) {
  constexpr float k = 1.0f / 120;
  const float g = 1 - f, f2 = f * f, g2 = g * g, f5 = f2 * f2 * f;
  w[0] = k * (g2 * g2 * g);
  w[1] = k * (26 + f * (-50 + f * (20 + f * (20 + f * (-20 + f * 5)))));
  w[2] = k * (66 + f2 * (-60 + f2 * (30 - f * 10)));
  w[3] = k * (26 + f * (50 + f * (20 + f * (-20 + f * (-20 + f * 10)))));
  w[4] = k * (1 + f * (5 + f * (10 + f * (10 + f * (5 - f * 5)))));
  w[5] = k * f5;
}
/// Their derivatives by f.
CLEAVE_INLINED void spline_slopes(float f, float* w) {
  constexpr float k = 1.0f / 120;
  const float g = 1 - f, f2 = f * f, g2 = g * g;
  w[0] = k * (-5 * g2 * g2);
  w[1] = k * (-50 + f * (40 + f * (60 + f * (-80 + f * 25))));
  w[2] = k * (f * (-120 + f2 * (120 - f * 50)));
  w[3] = k * (50 + f * (40 + f * (-60 + f * (-80 + f * 50))));
  w[4] = k * (5 + f * (20 + f * (30 + f * (20 - f * 25))));
  w[5] = k * (5 * f2 * f2);
}

/// Nodes along one dimension; node c lies at low + (c - 2) * spacing.
struct Axis {
  double low = 0;
  int64_t nodes = 1;
  int64_t padded = 1;  ///< length of the transform, so that no node meets another's image
};

/// Where a point of the map lies on the grid: first node of its stencil, and how far past the third.
struct Spot {
  int32_t row = 0, column = 0;
  float x = 0, y = 0;
};

/// Stencils of a point. Without a second dimension there is one column.
struct Stencil {
  float x[kStencil], y[kLanes] = {};
  CLEAVE_INLINED void weigh(const Spot& spot, bool plane) {
    spline_weights(spot.x, x);
    y[0] = 1;
    if (plane) spline_weights(spot.y, y);
  }
};

/// Total and slope, per spacing, of the field at one spot.
struct Felt {
  float total = 0, slope_x = 0, slope_y = 0;
};

CLEAVE_INLINED Felt feel(const Spot& spot, bool plane, const float* field, int64_t stride) {
  Stencil w, s;
  w.weigh(spot, plane);
  spline_slopes(spot.x, s.x);
  if (plane) spline_slopes(spot.y, s.y);
  float sums[kLanes] = {}, slopes[kLanes] = {};
  const float* row = field + spot.row * stride + spot.column;
  for (int64_t a = 0; a < kStencil; ++a, row += stride) {
#pragma omp simd
    for (int64_t b = 0; b < kLanes; ++b) {
      sums[b] += w.x[a] * row[b];
      slopes[b] += s.x[a] * row[b];
    }
  }
  Felt result;
  for (int64_t b = 0; b < kLanes; ++b) {
    result.total += w.y[b] * sums[b];
    result.slope_x += w.y[b] * slopes[b];
    result.slope_y += s.y[b] * sums[b];
  }
  return result;
}

CLEAVE_FOR_EVERY_PROCESSOR
void feel_rows(const Spot* spots, int64_t count, bool plane, const float* field, int64_t stride, Felt* felt) {
  for (int64_t i = 0; i < count; ++i)
    felt[i] = feel(spots[i], plane, field, stride);
}

/// Adds the points order[0..count) to the rows [rows.first, rows.last) of the density.
CLEAVE_FOR_EVERY_PROCESSOR
void spread_rows(const Spot* spots, const int32_t* order, int64_t count, RowRange rows, bool plane, float* density,
                 int64_t stride) {
  for (int64_t e = 0; e < count; ++e) {
    const Spot spot = spots[order[e]];
    Stencil w;
    w.weigh(spot, plane);
    const int64_t first = std::max<int64_t>(rows.first - spot.row, 0);
    const int64_t last = std::min<int64_t>(rows.last - spot.row, kStencil);
    for (int64_t a = first; a < last; ++a) {
      float* row = density + (spot.row + a) * stride + spot.column;
#pragma omp simd
      for (int64_t b = 0; b < kLanes; ++b)
        row[b] += w.x[a] * w.y[b];
    }
  }
}

class GridField : public RepulsiveField {
 public:
  explicit GridField(double spacing) : widest_spacing_(spacing) {
    require<ArgumentError>(spacing > 0, "repulsion on a grid: the spacing must be above 0, not {}", spacing);
  }

  void set_sources(const Tensor& y, double margin) override {
    require<ArgumentError>(y.size(1) == 1 || y.size(1) == 2, "a grid is for maps of 1 or 2 dimensions, not {}",
                           y.size(1));
    plane_ = y.size(1) == 2;
    count_ = static_cast<double>(y.size(0));
    Tensor sources = y.contiguous();
    lay_grid(sources, margin);
    convolve(spread(sources));
  }

  Repulsion at(const Tensor& targets) const override {
    const int64_t width = targets.size(1);
    Repulsion result{at::empty_like(targets, at::MemoryFormat::Contiguous), at::empty({targets.size(0)}, at::kDouble)};
    Tensor to = targets.contiguous();
    auto* totals = result.totals.data_ptr<double>();
    const auto to_force = static_cast<float>(-0.5 / spacing_);
    AT_DISPATCH_FLOATING_TYPES(targets.scalar_type(), "grid_field", [&] {
      const auto* target = to.const_data_ptr<scalar_t>();
      auto* forces = result.forces.data_ptr<scalar_t>();
      for_fixed_blocks(targets.size(0), kRows, [&](int64_t, RowRange rows) {
        std::array<Spot, kRows> spots;
        std::array<Felt, kRows> felt;
        locate(target, rows, spots.data());
        feel_rows(spots.data(), rows.size(), plane_, field_.const_data_ptr<float>(), field_.size(1), felt.data());
        for (int64_t i = rows.first; i < rows.last; ++i) {
          const Felt& at = felt[static_cast<size_t>(i - rows.first)];
          forces[i * width] = to_force * at.slope_x;
          if (plane_) forces[i * width + 1] = to_force * at.slope_y;
          totals[i] = static_cast<double>(at.total) + count_ * offset_;
        }
      });
    });
    return result;
  }

 private:
  static constexpr int64_t kRows = 1024;

  void lay_grid(const Tensor& y, double margin) {
    std::array<double, 2> low, high;
    low.fill(std::numeric_limits<double>::infinity());
    high.fill(-std::numeric_limits<double>::infinity());
    AT_DISPATCH_FLOATING_TYPES(y.scalar_type(), "extent", [&] {
      const auto* point = y.const_data_ptr<scalar_t>();
      const auto width = static_cast<size_t>(y.size(1));
      for (int64_t i = 0; i < y.size(0); ++i) {
        for (size_t d = 0; d < width; ++d, ++point)
          low[d] = std::min<double>(low[d], *point), high[d] = std::max<double>(high[d], *point);
      }
    });
    double span = high[0] - low[0];
    if (plane_) span = std::max(span, high[1] - low[1]);
    span += 2 * margin;
    require<NumericalError>(std::isfinite(span), "the map has points that are not finite");
    double spacing = std::min(widest_spacing_, span / static_cast<double>(kLeastCells));
    spacing = std::max(spacing, span / static_cast<double>(kMostCells[plane_ ? 1 : 0]));
    if (spacing <= 0) spacing = widest_spacing_;  // all points in one place
    Axis axes[2];
    for (size_t d = 0; d < (plane_ ? 2 : 1); ++d) {
      axes[d].low = low[d] - margin;
      axes[d].nodes = static_cast<int64_t>((high[d] + margin - axes[d].low) / spacing) + kStencil;
      axes[d].padded = transform_size(2 * axes[d].nodes + kFade);
    }
    bool same = spacing == spacing_ && axes[0].padded == axes_[0].padded && axes[1].padded == axes_[1].padded;
    spacing_ = spacing;
    std::copy(axes, axes + 2, axes_);
    if (!same) transform_kernel();
  }

  /// The kernel on the grid, as a circular convolution needs it, over the splines through which points and targets see
  /// it: what passes both is then the kernel itself at the nodes. Less its value at the largest distance, which is
  /// added again at the end: in a map that is just starting, differences from that are all there is.
  void transform_kernel() {
    Tensor squares[2], splines[2];
    double farthest = 0;
    for (int d = 0; d < 2; ++d) {
      const int64_t size = axes_[d].padded;
      Tensor index = at::arange(size, at::kDouble);
      Tensor angle = index * (2 * M_PI / static_cast<double>(size));
      squares[d] = (at::minimum(index, size - index) * spacing_).square();
      splines[d] = size > 1 ? (angle.cos() * 52 + (angle * 2).cos() * 2 + 66) / 120 : at::ones({1}, at::kDouble);
      farthest += std::pow(static_cast<double>(size / 2) * spacing_, 2);
    }
    offset_ = 1 / (1 + farthest);
    Tensor square = squares[0].unsqueeze(1) + squares[1].unsqueeze(0);
    Tensor kernel = (farthest - square) / ((1 + farthest) * (1 + square));
    Tensor seen = splines[0].unsqueeze(1) * splines[1].slice(0, 0, axes_[1].padded / 2 + 1).unsqueeze(0);
    spectrum_ = at::real(transform(kernel).div_(seen.square_())).to(at::kFloat);  // an even kernel's is real
  }

  template <class T>
  void locate(const T* points, RowRange rows, Spot* spots) const {
    const double per_spacing = 1 / spacing_;
    auto place = [&](double value, const Axis& axis, int32_t& node, float& past) {
      double u = (value - axis.low) * per_spacing;
      node = static_cast<int32_t>(std::clamp<double>(u, 0, static_cast<double>(axis.nodes - kStencil)));
      past = static_cast<float>(u - node);
    };
    for (int64_t i = rows.first; i < rows.last; ++i, ++spots) {
      *spots = {};
      place(points[plane_ ? 2 * i : i], axes_[0], spots->row, spots->x);
      if (plane_) place(points[2 * i + 1], axes_[1], spots->column, spots->y);
    }
  }

  /// How much of all points lies on each node, [nodes x, nodes y + a few]. Threads own bands of rows; each node adds
  /// what its points bring by rising row and index, whatever the bands.
  Tensor spread(const Tensor& y) const {
    const int64_t rows = axes_[0].nodes, count = y.size(0);
    std::vector<Spot> points(static_cast<size_t>(count));
    AT_DISPATCH_FLOATING_TYPES(y.scalar_type(), "spread", [&] {
      for_fixed_blocks(
          count, kRows, [&](int64_t, RowRange r) { locate(y.const_data_ptr<scalar_t>(), r, points.data() + r.first); },
          /*alone=*/32);
    });
    std::vector<int64_t> starts(static_cast<size_t>(rows) + 1, 0);
    for (const Spot& point : points)
      ++starts[static_cast<size_t>(point.row) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    std::vector<int32_t> order(points.size());
    std::vector<int64_t> next(starts.begin(), starts.end() - 1);
    for (size_t i = 0; i < points.size(); ++i)
      order[static_cast<size_t>(next[static_cast<size_t>(points[i].row)]++)] = static_cast<int32_t>(i);

    Tensor density = at::zeros({rows, axes_[1].nodes + kLanes}, at::kFloat);
    const int64_t bands = at::get_num_threads();
    auto band_start = [&](int64_t band) {  // bands of about equally many points
      if (band == 0 || band == bands) return band == 0 ? 0 : rows;
      return static_cast<int64_t>(std::lower_bound(starts.begin(), starts.end(), count * band / bands) -
                                  starts.begin());
    };
    at::parallel_for(0, bands, 1, [&](int64_t begin, int64_t end) {
      for (int64_t band = begin; band < end; ++band) {
        RowRange own{band_start(band), band_start(band + 1)};
        int64_t from = starts[static_cast<size_t>(std::max<int64_t>(own.first - kStencil + 1, 0))];
        int64_t to = starts[static_cast<size_t>(own.last)];
        spread_rows(points.data(), order.data() + from, to - from, own, plane_, density.data_ptr<float>(),
                    density.size(1));
      }
    });
    return density;
  }

  /// Calls work(range) for pieces of [0, size), one task each. A transform of whole pieces by one thread each has bits
  /// that do not depend on how a library would share it out.
  template <class Work>
  void in_pieces(int64_t size, const Work& work) const {
    const bool small = axes_[0].padded * axes_[1].padded < (1 << 16);
    for_fixed_blocks(
        size, fixed_block_count(size, kTasks), [&](int64_t, RowRange range) { work(range); }, small ? kTasks : 1);
  }

  /// Transforms of the rows of real values [rows, columns], filled up with zeros: [rows, padded y / 2 + 1].
  Tensor transformed_rows(const Tensor& values) const {
    Tensor result = at::empty({values.size(0), axes_[1].padded / 2 + 1}, at::toComplexType(values.scalar_type()));
    in_pieces(values.size(0), [&](RowRange r) {
      result.slice(0, r.first, r.last).copy_(at::fft_rfft(values.slice(0, r.first, r.last), axes_[1].padded, 1));
    });
    return result;
  }

  /// [padded x, padded y / 2 + 1].
  Tensor transform(const Tensor& values) const {
    Tensor rows = transformed_rows(values);
    Tensor result = at::empty({axes_[0].padded, rows.size(1)}, rows.options());
    in_pieces(rows.size(1), [&](RowRange c) {
      result.slice(1, c.first, c.last).copy_(at::fft_fft(rows.slice(1, c.first, c.last), axes_[0].padded, 0));
    });
    return result;
  }

  /// field_ = density * kernel.
  void convolve(const Tensor& density) {
    const int64_t rows = axes_[0].nodes, columns = axes_[1].nodes;
    Tensor spectrum = transformed_rows(density.slice(1, 0, columns));
    in_pieces(spectrum.size(1), [&](RowRange c) {
      Tensor some = spectrum.slice(1, c.first, c.last);
      Tensor product = at::fft_fft(some, axes_[0].padded, 0).mul_(spectrum_.slice(1, c.first, c.last));
      some.copy_(at::fft_ifft(product, axes_[0].padded, 0).slice(0, 0, rows));
    });
    field_ = at::zeros({rows, columns + kLanes}, at::kFloat);
    in_pieces(rows, [&](RowRange r) {
      Tensor values = at::fft_irfft(spectrum.slice(0, r.first, r.last), axes_[1].padded, 1);
      field_.slice(0, r.first, r.last).slice(1, 0, columns).copy_(values.slice(1, 0, columns));
    });
  }

  double widest_spacing_;
  bool plane_ = true;
  double count_ = 0;  ///< M
  double spacing_ = 0;
  double offset_ = 0;  ///< of the kernel that is convolved from the true one
  Axis axes_[2];
  Tensor spectrum_;  ///< [padded x, padded y / 2 + 1]
  Tensor field_;     ///< [nodes x, nodes y + a few] float32, total less the offsets, as spline coefficients
};

}  // namespace

std::unique_ptr<RepulsiveField> make_grid_field(double spacing) {
  return std::make_unique<GridField>(spacing);
}

}  // namespace cleave::classical
