// Plain loops over a fixed number of partial sums: fast on any vector width, and the same bits on each.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "cleave/base/tensor.h"

/// So that the body is compiled for the processor that its caller is compiled for.
#define CLEAVE_INLINED inline __attribute__((always_inline))

namespace cleave::classical {

constexpr int64_t kLaneCount = 16;

/// Sum of the lanes in a fixed order.
template <class T>
CLEAVE_INLINED double sum_lanes(const T* lanes) {
  double sum = 0;
  for (int64_t j = 0; j < kLaneCount; ++j)
    sum += static_cast<double>(lanes[j]);
  return sum;
}

/// |a - b|^2, summed in kLaneCount partial sums.
template <class T>
CLEAVE_INLINED double squared_distance(const T* __restrict__ a, const T* __restrict__ b, int64_t width) {
  T lanes[kLaneCount] = {};
  int64_t d = 0;
  for (; d + kLaneCount <= width; d += kLaneCount) {
    for (int64_t j = 0; j < kLaneCount; ++j) {
      T difference = a[d + j] - b[d + j];
      lanes[j] += difference * difference;
    }
  }
  double result = 0;
  for (; d < width; ++d)
    result += static_cast<double>((a[d] - b[d]) * (a[d] - b[d]));
  return result + sum_lanes(lanes);
}

/// Sum of a float64 vector by rising index, where Tensor::sum() would depend on the number of threads.
inline double ordered_sum(const Tensor& values) {
  const auto* value = values.const_data_ptr<double>();
  double sum = 0;
  for (int64_t i = 0; i < values.size(0); ++i)
    sum += value[i];
  return sum;
}

/// exp(-s) for s >= 0, to a few units in the last place; below the smallest normal number, some number near it. No
/// branches, so that a loop over it becomes vector instructions: not even a comparison of s, which the compiler would
/// turn into one. Numbers >= 0 are ordered as their bits are.
CLEAVE_INLINED float exp_of_minus(float s) {
  const float x = -std::bit_cast<float>(std::min(std::bit_cast<int32_t>(s), std::bit_cast<int32_t>(87.0f)));
  const auto k = static_cast<int32_t>(x * 1.44269504f - 0.5f);
  const auto whole = static_cast<float>(k);
  const float r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1;
  p = p * r + 1;
  const int32_t bits = (k + 127) << 23;
  return p * std::bit_cast<float>(bits);
}
CLEAVE_INLINED double exp_of_minus(double s) {
  const double x = -std::bit_cast<double>(std::min(std::bit_cast<int64_t>(s), std::bit_cast<int64_t>(708.0)));
  const auto k = static_cast<int32_t>(x * 1.4426950408889634 - 0.5);
  const auto whole = static_cast<double>(k);
  const double r = (x - whole * 0.693145751953125) - whole * 1.42860682030941723212e-6;
  double p = 1.0 / 6227020800;
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1;
  p = p * r + 1;
  const int64_t bits = (static_cast<int64_t>(k) + 1023) << 52;
  return p * std::bit_cast<double>(bits);
}

/// log(x) for normal x > 0, to a few units in the last place of 1; without branches as above. With x = m 2^k,
/// m in [1/sqrt 2, sqrt 2), and t = (m - 1) / (m + 1):  log m = 2 (t + t^3 / 3 + t^5 / 5 + ...).
CLEAVE_INLINED float log_of_normal(float x) {
  const auto bits = std::bit_cast<int32_t>(x);
  const int32_t k = (bits - 0x3f3504f3) >> 23;
  const auto m = std::bit_cast<float>(bits - k * (1 << 23));
  const float t = (m - 1) / (m + 1), s = t * t;
  const float p = 2 + s * (2.0f / 3 + s * (2.0f / 5 + s * (2.0f / 7 + s * (2.0f / 9))));
  return static_cast<float>(k) * 0.69314718f + t * p;
}
inline double log_of_normal(double x) {
  return std::log(x);
}

/// The columns of a matrix [M, D] apart, each followed by kLaneCount spare values of `fill`.
template <class T>
struct Columns {
  Columns(const Tensor& y, T fill) : rows(y.size(0)), stride(y.size(0) + kLaneCount) {
    const int64_t width = y.size(1);
    values.assign(static_cast<size_t>(width * stride), fill);
    const T* row = y.const_data_ptr<T>();
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t d = 0; d < width; ++d)
        values[static_cast<size_t>(d * stride + i)] = row[i * width + d];
    }
  }
  int64_t rows, stride;
  std::vector<T> values;
};

}  // namespace cleave::classical
