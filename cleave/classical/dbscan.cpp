#include "cleave/classical/dbscan.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/classical/disjoint_sets.h"
#include "cleave/classical/distance_bounds.h"
#include "cleave/classical/nearest.h"
#include "cleave/classical/row_tiles.h"

namespace cleave::classical {

namespace {

constexpr int64_t kDbscanLeaf = 128;  // examples per ball
constexpr int64_t kColumns = 2048;    // most per product
constexpr int64_t kWaveLeaves = 64;   // per thread between two questions whether to stop

/// All pairs of examples within eps, found anew at each pass.
template <class T>
class ClosePairs {
 public:
  ClosePairs(const Tensor& x, double eps)
      : n_(x.size(0)),
        width_(x.size(1)),
        eps_(eps),
        order_(spatial_order(x, kDbscanLeaf)),
        x_(x.index_select(0, order_)),
        bounds_(x_),
        balls_(enclosing_balls(x_, kDbscanLeaf)),
        leaves_(balls_.radii.size(0)) {}

  int64_t parts() const { return std::min<int64_t>(leaves_, at::get_num_threads()); }
  int64_t row(int64_t place) const { return order_.const_data_ptr<int64_t>()[place]; }

  /// Calls visit(part, i, j) once for each pair of places i < j; calls of one part follow each other.
  template <class Visit>
  void for_each(const ShouldStop& should_stop, const Visit& visit) const {
    const int64_t wave = kWaveLeaves * parts();
    for (int64_t begin = 0; begin < leaves_; begin += wave) {
      stop_if_asked(should_stop, "dbscan");
      at::parallel_for(0, parts(), 1, [&](int64_t first, int64_t last) {
        for (int64_t part = first; part < last; ++part) {
          // In turns: early leaves meet more others than late ones.
          for (int64_t leaf = begin + part; leaf < std::min(begin + wave, leaves_); leaf += parts())
            visit_leaf(leaf, [&](int64_t i, int64_t j) { visit(part, i, j); });
        }
      });
    }
  }

 private:
  template <class Visit>
  void visit_leaf(int64_t leaf, const Visit& visit) const {
    Tensor to_centres = (balls_.centres.slice(0, leaf) - balls_.centres[leaf]).square().sum(1).sqrt();
    const auto* radii = balls_.radii.const_data_ptr<double>();
    const double reach = (eps_ + radii[leaf]) * (1 + 1e-12);
    auto is_near = [&](int64_t other) {
      return to_centres.const_data_ptr<double>()[other - leaf] * (1 - 1e-12) <= reach + radii[other];
    };
    for (int64_t other = leaf; other < leaves_;) {
      if (!is_near(other)) {
        ++other;
        continue;
      }
      int64_t end = other + 1;
      while (end < leaves_ && (end - other) * kDbscanLeaf < kColumns && is_near(end))
        ++end;
      visit_block(leaf * kDbscanLeaf, other * kDbscanLeaf, std::min(end * kDbscanLeaf, n_), visit);
      other = end;
    }
  }

  template <class Visit>
  void visit_block(int64_t first_row, int64_t first, int64_t last, const Visit& visit) const {
    const int64_t last_row = std::min(first_row + kDbscanLeaf, n_);
    const Tensor lows = bounds_.lows(at::arange(first_row, last_row, at::kLong), first, last);
    const auto* low = lows.const_data_ptr<float>();
    const auto* norms = bounds_.norms.const_data_ptr<float>();
    const auto* rows = x_.const_data_ptr<T>();
    const double square = eps_ * eps_, limit = square / bounds_.unit();
    constexpr int64_t kChunk = 64;
    for (int64_t i = first_row; i < last_row; ++i, low += last - first) {
      for (int64_t chunk = 0; chunk < last - first; chunk += kChunk) {
        const int64_t count = std::min(kChunk, last - first - chunk);
        if (first + chunk + count <= i + 1 || least_of(low + chunk, count) > limit) continue;
        for (int64_t c = chunk; c < chunk + count; ++c) {
          const int64_t j = first + c;
          if (low[c] > limit || j <= i) continue;
          double high = low[c] + static_cast<double>(bounds_.slack) * (norms[i] + norms[j]) + 1e-35;
          if (high * (1 + 1e-6) < limit ||
              ordered_squared_distance(rows + i * width_, rows + j * width_, width_) <= square)
            visit(i, j);
        }
      }
    }
  }

  int64_t n_, width_;
  double eps_;
  Tensor order_, x_;
  DistanceBounds bounds_;
  Balls balls_;
  int64_t leaves_;
};

template <class T>
DbscanResult dbscan_of(const Tensor& x, double eps, int64_t min_points, const ShouldStop& should_stop) {
  const int64_t n = x.size(0);
  const ClosePairs<T> pairs(x, eps);
  const int64_t parts = pairs.parts();

  Tensor counted = at::zeros({parts, n}, at::kInt);
  auto* counts = counted.data_ptr<int32_t>();
  pairs.for_each(should_stop, [&](int64_t part, int64_t i, int64_t j) {
    ++counts[part * n + i];
    ++counts[part * n + j];
  });
  const Tensor is_core = counted.sum(0) + 1 >= min_points;  // by place
  const auto* core = is_core.const_data_ptr<bool>();

  // Which part joins what does not show in the sets that result.
  std::vector<DisjointSets> joined(static_cast<size_t>(parts), DisjointSets(n));
  std::vector<std::vector<std::pair<int64_t, int64_t>>> borders(static_cast<size_t>(parts));  // and a core neighbour
  pairs.for_each(should_stop, [&](int64_t part, int64_t i, int64_t j) {
    if (core[i] && core[j])
      joined[static_cast<size_t>(part)].join(i, j);
    else if (core[i] || core[j])
      borders[static_cast<size_t>(part)].emplace_back(core[i] ? j : i, core[i] ? i : j);
  });
  DisjointSets& sets = joined.front();
  for (size_t part = 1; part < joined.size(); ++part)
    for (int64_t i = 0; i < n; ++i)
      sets.join(i, joined[part].find(i));

  DbscanResult result{at::full({n}, -1, at::kLong), at::zeros({n}, at::kBool)};
  auto* labels = result.labels.data_ptr<int64_t>();
  std::vector<int64_t> place(static_cast<size_t>(n)), number(static_cast<size_t>(n), -1);
  for (int64_t i = 0; i < n; ++i)
    place[static_cast<size_t>(pairs.row(i))] = i;
  for (int64_t row = 0; row < n; ++row) {
    int64_t at_place = place[static_cast<size_t>(row)];
    if (!core[at_place]) continue;
    int64_t& label = number[static_cast<size_t>(sets.find(at_place))];
    if (label < 0) label = result.clusters++;
    labels[row] = label;
    result.core.data_ptr<bool>()[row] = true;
  }
  for (const auto& of_part : borders) {
    for (auto [border, neighbour] : of_part) {
      int64_t &label = labels[pairs.row(border)], offered = labels[pairs.row(neighbour)];
      if (label < 0 || offered < label) label = offered;
    }
  }
  return result;
}

}  // namespace

DbscanResult dbscan(const Tensor& data, double eps, int64_t min_points, const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "dbscan");
  require<ArgumentError>(eps > 0 && std::isfinite(eps), "dbscan: eps must be above 0, not {}", eps);
  require<ArgumentError>(min_points >= 1, "dbscan: min_points must be at least 1, not {}", min_points);
  require<DataError>(std::isfinite(x.to(at::kDouble).square().sum().item<double>()),
                     "dbscan: the data hold values that are not finite or too large");
  DbscanResult result;
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "dbscan",
                             [&] { result = dbscan_of<scalar_t>(x, eps, min_points, should_stop); });
  return result;
}

Tensor core_distance_curve(const Tensor& data, int64_t min_points, int64_t most, const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "dbscan");
  const int64_t n = x.size(0), count = std::min(n, most);
  require<ArgumentError>(min_points >= 1 && min_points <= n, "dbscan: min_points is {}, but there are {} examples",
                         min_points, n);
  Tensor rows = at::arange(count, at::kLong) * n / count;
  rows = rows.to(at::kLong);
  // Each example finds itself first, at distance 0.
  Neighbours near = nearest(x.index_select(0, rows), x, min_points, /*leave_self_out=*/false, should_stop);
  return std::get<0>(near.distances.select(1, min_points - 1).sort());
}

double knee(const Tensor& curve) {
  // Examples that come again often enough are at no distance from each other, whatever eps is.
  const Tensor values = curve.masked_select(curve > 0).to(at::kDouble);
  const int64_t count = values.size(0);
  if (count == 0) return 0;
  const auto* value = values.const_data_ptr<double>();
  const double range = value[count - 1] - value[0];
  int64_t best = count - 1;
  double farthest = 0;
  for (int64_t i = 0; i < count && range > 0; ++i) {
    double below = static_cast<double>(i) / static_cast<double>(count - 1) - (value[i] - value[0]) / range;
    if (below > farthest) farthest = below, best = i;
  }
  return value[best];
}

}  // namespace cleave::classical
