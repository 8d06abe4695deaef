#include "cleave/classical/distance_bounds.h"

#include <algorithm>
#include <cmath>

#include "cleave/classical/processors.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

namespace {

constexpr float kUnderflow = 1e-36F;  // more than what squares too small for float32 can sum up to

}  // namespace

// With u = 2^-24: storing two rows in float32 moves their squared distance by at most 4u (|p|^2 + |q|^2), the products
// by X u of the same, norms and the last sums by a few u more. 32 covers those and two more operations by the caller.
DistanceBounds::DistanceBounds(const Tensor& x) {
  origin = column_means(x);
  const int64_t parts = part_count(x.size(0));
  Tensor largest = at::zeros({parts}, at::kDouble);
  points = at::empty(x.sizes(), at::kFloat);
  for_each_block(x.size(0), parts, block_rows(x.size(1)), [&](int64_t part, RowRange rows) {
    Tensor centred = x.slice(0, rows.first, rows.last).to(at::kDouble) - origin;
    largest[part] = std::max(largest[part].item<double>(), centred.abs().max().item<double>());
  });
  scale = largest.max().item<double>();
  if (scale == 0) scale = 1;
  norms = at::empty({x.size(0)}, at::kFloat);
  for_each_block(x.size(0), block_rows(x.size(1)), [&](RowRange rows) {
    Tensor scaled = (x.slice(0, rows.first, rows.last).to(at::kDouble) - origin) / scale;
    points.slice(0, rows.first, rows.last).copy_(scaled);
    norms.slice(0, rows.first, rows.last).copy_(scaled.square().sum(1));
  });
  slack = static_cast<float>(static_cast<double>(x.size(1) + 32) * 0x1p-24);
  lowered_norms = norms * (1 - slack) - kUnderflow;
  slack *= 2.01F;  // from the lower bound to the upper one
}

DistanceBounds DistanceBounds::rows(const Tensor& indices) const {
  DistanceBounds result = *this;
  for (Tensor* tensor : {&result.points, &result.norms, &result.lowered_norms})
    *tensor = tensor->index_select(0, indices);
  return result;
}

Tensor DistanceBounds::lows(const Tensor& a, int64_t first, int64_t last) const {
  Tensor rows = points.index_select(0, a);
  Tensor result = at::addmm(lowered_norms.slice(0, first, last), rows, points.slice(0, first, last).t(), 1, -2);
  return result.add_(lowered_norms.index_select(0, a).unsqueeze(1));
}

void DistanceBounds::set_row(int64_t i, const double* values) {
  const int64_t width = points.size(1);
  const auto* zero = origin.const_data_ptr<double>();
  auto* row = points.data_ptr<float>() + i * width;
  double norm = 0;
  for (int64_t d = 0; d < width; ++d) {
    double scaled = (values[d] - zero[d]) / scale;
    row[d] = static_cast<float>(scaled);
    norm += scaled * scaled;
  }
  norms.data_ptr<float>()[i] = static_cast<float>(norm);
  lowered_norms.data_ptr<float>()[i] = static_cast<float>(norm) * (1 - slack / 2) - kUnderflow;
}

CLEAVE_FOR_EVERY_PROCESSOR
float least_of(const float* values, int64_t count) {
  float least = kInfinity;
#pragma omp simd reduction(min : least)
  for (int64_t i = 0; i < count; ++i)
    least = values[i] < least ? values[i] : least;
  return least;
}

}  // namespace cleave::classical
