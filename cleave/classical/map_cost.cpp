#include "cleave/classical/map_cost.h"

#include <ATen/Dispatch.h>

#include "cleave/base/error.h"
#include "cleave/classical/fixed_blocks.h"
#include "cleave/classical/lanes.h"
#include "cleave/classical/processors.h"

namespace cleave::classical {

namespace {

constexpr int64_t kCostRows = 512;  // per block

/// A point's pull and how it enters the result.
template <class T>
struct Balance {
  const T* targets;
  const T* points;  ///< columns apart, `stride` from one to the next
  int64_t stride;
  T pull;
  const T* forces;
  T push;
  T* result;
};

/// Net forces on the points of one block of rows.
template <int D, Kernel K, class T>
CLEAVE_INLINED void pull_rows(RowRange rows, const int64_t* starts, const int32_t* columns, const T* values,
                              const Balance<T>& balance) {
  const T* const points = balance.points;
  const int64_t stride = balance.stride;
  for (int64_t i = rows.first; i < rows.last; ++i) {
    T force_x[kLaneCount] = {}, force_y[kLaneCount] = {}, force_z[kLaneCount] = {};
    const T* at = balance.targets + i * D;
    auto add = [&](int64_t e, int64_t lane) __attribute__((always_inline)) {
      const T* from = points + columns[e];
      T x = at[0] - from[0], y = 0, z = 0;
      if constexpr (D > 1) y = at[1] - from[stride];
      if constexpr (D > 2) z = at[2] - from[2 * stride];
      T w = K == Kernel::kCauchy ? values[e] / (1 + (x * x + y * y + z * z)) : values[e];
      force_x[lane] += w * x;
      if constexpr (D > 1) force_y[lane] += w * y;
      if constexpr (D > 2) force_z[lane] += w * z;
    };
    int64_t e = starts[i];
    for (; e + kLaneCount <= starts[i + 1]; e += kLaneCount) {
#pragma omp simd
      for (int64_t j = 0; j < kLaneCount; ++j)
        add(e + j, j);
    }
    for (int64_t j = 0; e < starts[i + 1]; ++j, ++e)
      add(e, j);
    const T *const lanes[3] = {force_x, force_y, force_z}, *const push = balance.forces + i * D;
    for (int d = 0; d < D; ++d)
      balance.result[i * D + d] = balance.pull * static_cast<T>(sum_lanes(lanes[d])) - balance.push * push[d];
  }
}

template <Kernel K, class T>
CLEAVE_INLINED void pull_rows(int64_t width, RowRange rows, const int64_t* starts, const int32_t* columns,
                              const T* values, const Balance<T>& balance) {
  if (width == 1) pull_rows<1, K>(rows, starts, columns, values, balance);
  if (width == 2) pull_rows<2, K>(rows, starts, columns, values, balance);
  if (width == 3) pull_rows<3, K>(rows, starts, columns, values, balance);
}

#define CLEAVE_PULL(T)                                                                                  \
  CLEAVE_FOR_EVERY_PROCESSOR                                                                            \
  void pull(Kernel kernel, int64_t width, RowRange rows, const int64_t* starts, const int32_t* columns, \
            const T* values, const Balance<T>& balance) {                                               \
    if (kernel == Kernel::kCauchy)                                                                      \
      pull_rows<Kernel::kCauchy>(width, rows, starts, columns, values, balance);                        \
    else                                                                                                \
      pull_rows<Kernel::kGaussian>(width, rows, starts, columns, values, balance);                      \
  }
CLEAVE_PULL(float)
CLEAVE_PULL(double)
#undef CLEAVE_PULL

/// Sum of p_ij (-log k_ij) over one row.
template <class T>
CLEAVE_INLINED double energy_of_row(bool cauchy, int64_t width, int64_t begin, int64_t end, const int32_t* columns,
                                    const T* values, const T* at, const T* points) {
  T sums[kLaneCount] = {};
  auto add = [&](int64_t e, int64_t lane) __attribute__((always_inline)) {
    T square = 0;
    for (int64_t d = 0; d < width; ++d) {
      T difference = at[d] - points[columns[e] * width + d];
      square += difference * difference;
    }
    sums[lane] += values[e] * (cauchy ? log_of_normal(1 + square) : square);
  };
  int64_t e = begin;
  for (; e + kLaneCount <= end; e += kLaneCount) {
#pragma omp simd
    for (int64_t j = 0; j < kLaneCount; ++j)
      add(e + j, j);
  }
  for (int64_t j = 0; e < end; ++j, ++e)
    add(e, j);
  return sum_lanes(sums);
}

#define CLEAVE_ENERGY(T)                                                                                  \
  CLEAVE_FOR_EVERY_PROCESSOR                                                                              \
  double energy(bool cauchy, int64_t width, RowRange rows, const int64_t* starts, const int32_t* columns, \
                const T* values, const T* points) {                                                       \
    double sum = 0;                                                                                       \
    for (int64_t i = rows.first; i < rows.last; ++i) {                                                    \
      const T* at = points + i * width;                                                                   \
      if (cauchy && width == 2)                                                                           \
        sum += energy_of_row<T>(true, 2, starts[i], starts[i + 1], columns, values, at, points);          \
      else                                                                                                \
        sum += energy_of_row<T>(cauchy, width, starts[i], starts[i + 1], columns, values, at, points);    \
    }                                                                                                     \
    return sum;                                                                                           \
  }
CLEAVE_ENERGY(float)
CLEAVE_ENERGY(double)
#undef CLEAVE_ENERGY

}  // namespace

Tensor net_force(Kernel kernel, const SparseRows& p, const Tensor& t, const Tensor& y, double pull_by,
                 const Tensor& push, double push_by) {
  Tensor targets = t.contiguous(), forces = push.contiguous(), result = at::empty_like(targets);
  AT_DISPATCH_FLOATING_TYPES(y.scalar_type(), "net_force", [&] {
    Columns<scalar_t> points(y.contiguous(), 0);
    Balance<scalar_t> balance{targets.const_data_ptr<scalar_t>(),
                              points.values.data(),
                              points.stride,
                              static_cast<scalar_t>(pull_by),
                              forces.const_data_ptr<scalar_t>(),
                              static_cast<scalar_t>(push_by),
                              result.data_ptr<scalar_t>()};
    for_fixed_blocks(p.rows(), kCostRows, [&](int64_t, RowRange rows) {
      pull(kernel, y.size(1), rows, p.starts.const_data_ptr<int64_t>(), p.columns.const_data_ptr<int32_t>(),
           p.values.const_data_ptr<scalar_t>(), balance);
    });
  });
  return result;
}

double cross_energy(Kernel kernel, const SparseRows& p, const Tensor& map) {
  Tensor y = map.contiguous();
  Tensor sums = at::zeros({fixed_block_count(p.rows(), kCostRows)}, at::kDouble);
  AT_DISPATCH_FLOATING_TYPES(y.scalar_type(), "cross_energy", [&] {
    for_fixed_blocks(p.rows(), kCostRows, [&](int64_t block, RowRange rows) {
      sums.data_ptr<double>()[block] = energy(kernel == Kernel::kCauchy, y.size(1), rows,
                                              p.starts.const_data_ptr<int64_t>(), p.columns.const_data_ptr<int32_t>(),
                                              p.values.const_data_ptr<scalar_t>(), y.const_data_ptr<scalar_t>());
    });
  });
  return ordered_sum(sums);
}

void check_map(const Affinities& p, const Tensor& y) {
  require<ArgumentError>(y.dim() == 2 && y.size(0) == p.size() && y.size(1) >= 1 && y.size(1) <= 3,
                         "a map of {} examples must be a matrix of as many rows and 1 to 3 columns", p.size());
  require<ArgumentError>(y.scalar_type() == p.joint.values.scalar_type(),
                         "a map must have the type of its affinities, {}", toString(p.joint.values.scalar_type()));
}

}  // namespace cleave::classical
