// Scores of many pairs of rows at once, by matrix products, and the nearest candidates among them. The inside of
// nearest.cpp and neighbour_graph.cpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <ATen/Parallel.h>

#include "cleave/base/tensor.h"
#include "cleave/classical/distance.h"
#include "cleave/classical/rows.h"
#include "cleave/classical/shortlist.h"

namespace cleave::classical {

constexpr int64_t kBlock = 512;  // rows on either side of a product: 1 MiB of float32 scores stays in the cache
constexpr int64_t kSpare = 8;    // candidates beyond k, since a product cannot order all but equal distances

inline bool all_finite(const Tensor& values) {
  return at::isfinite(values).all().item<bool>();
}

/// Rows about one origin, or each about that of the rows it is compared with, as the products need them on their right.
struct Centred {
  Tensor x;        ///< [N, X]
  Tensor squares;  ///< [N], |x|^2
  explicit Centred(const Tensor& rows) : x(rows), squares(x.square().sum(1)) {}
};

/// How far a score may be from |a - b|^2, as a part of |a|^2 + |b|^2: with u the unit of rounding, X u for each of the
/// norms, as much for the product, a few u for centring and the last sums.
template <class T>
double score_slack(int64_t width) {
  return static_cast<double>(2 * width + 32) * 0.5 * static_cast<double>(std::numeric_limits<T>::epsilon());
}

/// Scores |a_i - b_j|^2 of a few rows a and a block of rows b, less rounding.
template <class T>
class Tile {
 public:
  /// doubled [A, X] is -2 a, squares [A] is |a|^2; A and the number of columns are at most kBlock. `squares` and b are
  /// read again by scan().
  void compute(const Tensor& doubled, const T* squares, const Centred& b, RowRange columns) {
    width_ = columns.size();
    if (!room_.defined()) room_ = at::empty({kBlock * kBlock}, b.x.options());
    products_ = room_.slice(0, 0, doubled.size(0) * width_).view({doubled.size(0), width_});
    at::mm_out(products_, doubled, b.x.slice(0, columns.first, columns.last).t());
    row_squares_ = squares;
    column_squares_ = b.squares.const_data_ptr<T>() + columns.first;
  }

  /// Calls found(i, j, score) for the columns j >= `from` of row i whose score is within the limit of one of the two.
  template <class Found>
  void scan(int64_t i, int64_t from, T row_limit, const T* column_limits, Found&& found) {
    const T* products = products_.template const_data_ptr<T>() + i * width_;
    int64_t count = within_limits(products + from, column_squares_ + from, column_limits + from, row_squares_[i],
                                  row_limit, width_ - from, hits_);
    for (int64_t h = 0; h < count; ++h) {
      int64_t j = from + hits_[h];
      found(i, j, std::max<T>((products[j] + column_squares_[j]) + row_squares_[i], 0));
    }
  }

 private:
  int64_t width_ = 0;
  Tensor room_, products_;
  const T* row_squares_ = nullptr;
  const T* column_squares_ = nullptr;
  int32_t hits_[kBlock];
};

inline RowRange block_of(int64_t block, int64_t rows) {
  return {block * kBlock, std::min((block + 1) * kBlock, rows)};
}

inline int64_t blocks_in(int64_t rows) {
  return (rows + kBlock - 1) / kBlock;
}

/// The candidates of one row, by exact distances to `query`, nearest first; of equally near ones the first.
template <class List, class T>
void settle(const T* query, const T* x, int64_t width, const List& list, int64_t k,
            std::vector<std::pair<double, int64_t>>& room, int64_t* indices, double* distances) {
  room.clear();
  for (int64_t c = 0; c < list.count; ++c) {
    int64_t j = list.candidates[c].index;
    room.emplace_back(exact_square(query, x + j * width, width), j);
  }
  std::partial_sort(room.begin(), room.begin() + k, room.end());
  for (int64_t c = 0; c < k; ++c) {
    indices[c] = room[static_cast<size_t>(c)].second;
    distances[c] = std::sqrt(room[static_cast<size_t>(c)].first);
  }
}

}  // namespace cleave::classical
