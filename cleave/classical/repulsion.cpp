#include "cleave/classical/repulsion.h"

#include <ATen/Dispatch.h>

#include "cleave/base/error.h"
#include "cleave/classical/fixed_blocks.h"
#include "cleave/classical/lanes.h"
#include "cleave/classical/processors.h"

namespace cleave::classical {

namespace {

/// One row of the exact sums: D forces and the total, over `count` sources, a whole number of lanes. Spare sources
/// have weight 0, and so has the source `skip`.
template <int D, Kernel K, class T>
CLEAVE_INLINED void push_row(const T* target, const T* sources, int64_t stride, const T* weights, int64_t count,
                             int64_t skip, T* force, double* total) {
  T force_x[kLaneCount] = {}, force_y[kLaneCount] = {}, force_z[kLaneCount] = {}, totals[kLaneCount] = {};
  const T* weight = weights;
  for (int64_t first = 0; first < count; first += kLaneCount, sources += kLaneCount, weight += kLaneCount) {
    const auto skipped = static_cast<int32_t>(skip - first);
#pragma omp simd
    for (int32_t j = 0; j < kLaneCount; ++j) {
      T x = target[0] - sources[j], y = 0, z = 0;
      if constexpr (D > 1) y = target[1] - sources[stride + j];
      if constexpr (D > 2) z = target[2] - sources[2 * stride + j];
      T square = x * x + y * y + z * z;
      T k = K == Kernel::kCauchy ? 1 / (1 + square) : exp_of_minus(square);
      T weighted = (j == skipped ? 0 : weight[j]) * k;
      T w = K == Kernel::kCauchy ? weighted * k : weighted;
      totals[j] += weighted;
      force_x[j] += w * x;
      if constexpr (D > 1) force_y[j] += w * y;
      if constexpr (D > 2) force_z[j] += w * z;
    }
  }
  force[0] = static_cast<T>(sum_lanes(force_x));
  if constexpr (D > 1) force[1] = static_cast<T>(sum_lanes(force_y));
  if constexpr (D > 2) force[2] = static_cast<T>(sum_lanes(force_z));
  *total = sum_lanes(totals);
}

template <int D, class T>
CLEAVE_INLINED void push_rows(Kernel kernel, const T* targets, RowRange rows, const T* sources, int64_t stride,
                              const T* weights, int64_t count, bool skip_self, T* forces, double* totals) {
  for (int64_t i = rows.first; i < rows.last; ++i) {
    const T* target = targets + i * D;
    const int64_t skip = skip_self ? i : count;
    if (kernel == Kernel::kCauchy)
      push_row<D, Kernel::kCauchy>(target, sources, stride, weights, count, skip, forces + i * D, totals + i);
    else
      push_row<D, Kernel::kGaussian>(target, sources, stride, weights, count, skip, forces + i * D, totals + i);
  }
}

#define CLEAVE_PUSH(T)                                                                                               \
  CLEAVE_FOR_EVERY_PROCESSOR                                                                                         \
  void push(Kernel kernel, int64_t width, const T* targets, RowRange rows, const T* sources, int64_t stride,         \
            const T* weights, int64_t count, bool skip_self, T* forces, double* totals) {                            \
    if (width == 1) push_rows<1>(kernel, targets, rows, sources, stride, weights, count, skip_self, forces, totals); \
    if (width == 2) push_rows<2>(kernel, targets, rows, sources, stride, weights, count, skip_self, forces, totals); \
    if (width == 3) push_rows<3>(kernel, targets, rows, sources, stride, weights, count, skip_self, forces, totals); \
  }
CLEAVE_PUSH(float)
CLEAVE_PUSH(double)
#undef CLEAVE_PUSH

class ExactField : public RepulsiveField {
 public:
  void set_sources(const Tensor& y, double) override { sources_ = y; }
  Repulsion at(const Tensor& targets) const override { return exact_repulsion(Kernel::kCauchy, targets, sources_); }

 private:
  Tensor sources_;
};

}  // namespace

Repulsion exact_repulsion(Kernel kernel, const Tensor& targets, const Tensor& sources, const Tensor& weights,
                          bool leave_self_out) {
  const int64_t width = sources.size(1), count = fixed_block_count(sources.size(0), kLaneCount) * kLaneCount;
  require<ArgumentError>(width >= 1 && width <= 3, "a map has 1 to 3 dimensions, not {}", width);
  Tensor to = targets.contiguous(), from = sources.contiguous();
  Repulsion result{at::empty_like(to), at::empty({to.size(0)}, at::kDouble)};
  AT_DISPATCH_FLOATING_TYPES(to.scalar_type(), "exact_repulsion", [&] {
    Columns<scalar_t> columns(from, 0);
    Tensor given = weights.defined() ? weights.to(to.scalar_type()) : at::ones({from.size(0)}, to.options());
    Columns<scalar_t> factors(given.contiguous().unsqueeze(1), 0);
    for_fixed_blocks(to.size(0), 32, [&](int64_t, RowRange rows) {
      push(kernel, width, to.const_data_ptr<scalar_t>(), rows, columns.values.data(), columns.stride,
           factors.values.data(), count, leave_self_out, result.forces.data_ptr<scalar_t>(),
           result.totals.data_ptr<double>());
    });
  });
  return result;
}

Approximation resolved(Approximation approximation, int64_t points, int64_t dimensions) {
  if (approximation != Approximation::kAuto) return approximation;
  if (points <= 1000) return Approximation::kExact;
  return dimensions <= 2 ? Approximation::kInterpolated : Approximation::kBarnesHut;
}

std::unique_ptr<RepulsiveField> make_field(Approximation approximation, int64_t points, int64_t dimensions) {
  require<ArgumentError>(dimensions >= 1 && dimensions <= 3, "a map has 1 to 3 dimensions, not {}", dimensions);
  switch (resolved(approximation, points, dimensions)) {
    case Approximation::kBarnesHut:
      return make_tree_field();
    case Approximation::kInterpolated:
      require<ArgumentError>(dimensions <= 2, "a grid is for maps of 1 or 2 dimensions; for 3 take Barnes-Hut");
      return make_grid_field();
    default:
      return std::make_unique<ExactField>();
  }
}

}  // namespace cleave::classical
