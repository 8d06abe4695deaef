// Rows of a matrix laid out so that distances from one point to many are computed side by side.
//
// Sixteen rows form a tile, stored coordinate by coordinate. Each distance is summed over the coordinates in their
// order, in float64, with vector lanes across rows: the bits are those of the plain loop on every processor.
#pragma once

#include <cstdint>
#include <vector>

#include "cleave/base/tensor.h"

namespace cleave::classical {

class RowTiles {
 public:
  static constexpr int64_t kRows = 16;  ///< per tile

  /// x [N, X] float32 (kept as float32: half the memory traffic) or float64.
  explicit RowTiles(const Tensor& x);

  int64_t tiles() const { return tiles_; }
  int64_t width() const { return width_; }

  /// Squared distances from `point` [X] to the rows of tiles [first, last): out[16 * (last - first)]. Entries beyond
  /// row N hold anything.
  void squared_distances(const double* point, int64_t first, int64_t last, double* out) const;

  void get_row(int64_t row, double* values) const;
  void set_row(int64_t row, const double* values);
  void copy_row(int64_t from, int64_t to);

 private:
  size_t place(int64_t row, int64_t column) const {
    return static_cast<size_t>((row / kRows * width_ + column) * kRows + row % kRows);
  }

  int64_t tiles_, width_;
  std::vector<float> narrow_;  // one of the two is empty
  std::vector<double> wide_;
};

/// sum_d (a_d - b_d)^2 over `width` coordinates in their order, in float64.
template <class T>
double ordered_squared_distance(const T* a, const T* b, int64_t width) {
  double sum = 0;
  for (int64_t d = 0; d < width; ++d) {
    double difference = static_cast<double>(a[d]) - static_cast<double>(b[d]);
    sum += difference * difference;
  }
  return sum;
}

/// An order of the rows of x [N, X] in which each run of `leaf` rows, from the first row on, lies close together:
/// halves along the widest coordinate, again and again. [N] int64.
Tensor spatial_order(const Tensor& x, int64_t leaf);

/// The balls around runs of `leaf` rows of x [N, X].
struct Balls {
  Tensor centres;  ///< [L, X] float64
  Tensor radii;    ///< [L] float64, rounded up
};
Balls enclosing_balls(const Tensor& x, int64_t leaf);

}  // namespace cleave::classical
