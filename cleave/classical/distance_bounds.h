// Bounds of squared Euclidean distances by float32 matrix products, for exact methods that need few distances of many.
//
// A product is an order of magnitude faster than differences, and blurs small distances. How much, at most, is known:
// whoever looks for what is near asks the bounds first and computes exactly only what they leave open, so that results
// depend neither on the product's rounding nor on how it shares its work among threads.
#pragma once

#include "cleave/base/tensor.h"

namespace cleave::classical {

struct DistanceBounds {
  DistanceBounds() = default;
  /// x [N, X], finite.
  explicit DistanceBounds(const Tensor& x);

  /// Those of some rows, in a new order.
  DistanceBounds rows(const Tensor& indices) const;

  /// Lower bounds [A, B] float32, in units of unit(), of the squared distances between rows `a` and rows
  /// [first, last): entry (i, j) is low. The truth is at most low + slack * (norms[i] + norms[j]) + 1e-35.
  Tensor lows(const Tensor& a, int64_t first, int64_t last) const;

  /// Writes row i anew: `values` [X] in the units and about the origin of x.
  void set_row(int64_t i, const double* values);

  double unit() const { return scale * scale; }

  Tensor points;         ///< [N, X] float32, about the mean, divided by `scale`
  Tensor norms;          ///< [N] float32, squared norms of `points`
  Tensor lowered_norms;  ///< [N] float32, a little less, by what rounding may add
  Tensor origin;         ///< [X] float64
  double scale = 1;      ///< largest magnitude about the origin
  float slack = 0;
};

/// The least of values[0..count), infinity of none: whether a stretch of lows needs to be looked at.
float least_of(const float* values, int64_t count);

}  // namespace cleave::classical
