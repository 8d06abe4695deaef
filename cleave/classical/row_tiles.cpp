#include "cleave/classical/row_tiles.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include <ATen/Dispatch.h>

#include "cleave/classical/processors.h"

namespace cleave::classical {

namespace {

// Half the widest registers: their code stays in registers where those are missing.
using Doubles = double __attribute__((vector_size(32)));
using Floats = float __attribute__((vector_size(16)));
constexpr int64_t kTileLanes = 4, kVectors = RowTiles::kRows / kTileLanes;

CLEAVE_FOR_EVERY_PROCESSOR
void tile_distances(const double* tile, const double* point, int64_t width, double* out) {
  Doubles sums[kVectors] = {};
  for (int64_t d = 0; d < width; ++d, tile += RowTiles::kRows) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < kVectors; ++v) {
      Doubles difference;
      std::memcpy(&difference, tile + v * kTileLanes, sizeof difference);
      difference -= point[d];
      sums[v] += difference * difference;
    }
  }
  std::memcpy(out, sums, sizeof sums);
}

CLEAVE_FOR_EVERY_PROCESSOR
void narrow_tile_distances(const float* tile, const double* point, int64_t width, double* out) {
  Doubles sums[kVectors] = {};
  for (int64_t d = 0; d < width; ++d, tile += RowTiles::kRows) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < kVectors; ++v) {
      Floats narrow;
      std::memcpy(&narrow, tile + v * kTileLanes, sizeof narrow);
      Doubles difference = __builtin_convertvector(narrow, Doubles) - point[d];
      sums[v] += difference * difference;
    }
  }
  std::memcpy(out, sums, sizeof sums);
}

/// Splits ids[first, last) so that the left part holds whole leaves only.
template <class T>
void split(const T* x, int64_t width, int64_t leaf, int64_t* ids, int64_t first, int64_t last) {
  while (last - first > leaf) {
    int64_t widest = 0;
    T extent = -1;
    for (int64_t d = 0; d < width; ++d) {
      T low = x[ids[first] * width + d], high = low;
      for (int64_t i = first + 1; i < last; ++i) {
        T value = x[ids[i] * width + d];
        low = std::min(low, value);
        high = std::max(high, value);
      }
      if (high - low > extent) extent = high - low, widest = d;
    }
    int64_t leaves = (last - first + leaf - 1) / leaf;
    int64_t middle = first + leaves / 2 * leaf;
    std::nth_element(ids + first, ids + middle, ids + last, [&](int64_t a, int64_t b) {
      T value_a = x[a * width + widest], value_b = x[b * width + widest];
      return value_a < value_b || (value_a == value_b && a < b);
    });
    split(x, width, leaf, ids, middle, last);
    last = middle;
  }
}

}  // namespace

RowTiles::RowTiles(const Tensor& x) : tiles_((x.size(0) + kRows - 1) / kRows), width_(x.size(1)) {
  const int64_t n = x.size(0);
  const auto size = static_cast<size_t>(tiles_ * width_ * kRows);
  if (x.scalar_type() == at::kFloat)
    narrow_.resize(size);
  else
    wide_.resize(size);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "RowTiles", [&] {
    const Tensor rows = x.contiguous();
    const auto* values = rows.const_data_ptr<scalar_t>();
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t d = 0; d < width_; ++d) {
        if constexpr (std::is_same_v<scalar_t, float>)
          narrow_[place(i, d)] = values[i * width_ + d];
        else
          wide_[place(i, d)] = values[i * width_ + d];
      }
    }
  });
}

void RowTiles::squared_distances(const double* point, int64_t first, int64_t last, double* out) const {
  for (int64_t tile = first; tile < last; ++tile, out += kRows) {
    if (narrow_.empty())
      tile_distances(wide_.data() + tile * width_ * kRows, point, width_, out);
    else
      narrow_tile_distances(narrow_.data() + tile * width_ * kRows, point, width_, out);
  }
}

void RowTiles::get_row(int64_t row, double* values) const {
  for (int64_t d = 0; d < width_; ++d)
    values[d] = narrow_.empty() ? wide_[place(row, d)] : static_cast<double>(narrow_[place(row, d)]);
}

void RowTiles::set_row(int64_t row, const double* values) {
  for (int64_t d = 0; d < width_; ++d) {
    if (narrow_.empty())
      wide_[place(row, d)] = values[d];
    else
      narrow_[place(row, d)] = static_cast<float>(values[d]);
  }
}

void RowTiles::copy_row(int64_t from, int64_t to) {
  for (int64_t d = 0; d < width_; ++d) {
    if (narrow_.empty())
      wide_[place(to, d)] = wide_[place(from, d)];
    else
      narrow_[place(to, d)] = narrow_[place(from, d)];
  }
}

Tensor spatial_order(const Tensor& data, int64_t leaf) {
  const Tensor x = data.contiguous();
  Tensor order = at::arange(x.size(0), at::kLong);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "spatial_order", [&] {
    split(x.const_data_ptr<scalar_t>(), x.size(1), leaf, order.data_ptr<int64_t>(), 0, x.size(0));
  });
  return order;
}

Balls enclosing_balls(const Tensor& x, int64_t leaf) {
  const int64_t n = x.size(0), count = (n + leaf - 1) / leaf;
  Balls balls{at::empty({count, x.size(1)}, at::kDouble), at::empty({count}, at::kDouble)};
  for (int64_t i = 0; i < count; ++i) {
    Tensor rows = x.slice(0, i * leaf, std::min((i + 1) * leaf, n)).to(at::kDouble);
    Tensor centre = rows.mean(0);
    balls.centres[i].copy_(centre);
    balls.radii[i] = (rows - centre).square().sum(1).max().sqrt() * (1 + 1e-12);
  }
  return balls;
}

}  // namespace cleave::classical
