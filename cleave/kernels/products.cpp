#include "cleave/kernels/products.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include <ATen/Parallel.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define CLEAVE_AVX2 __attribute__((target("avx2,fma")))
#endif

namespace cleave::kernels {

namespace {

/// What `product` computes, by the library.
Tensor library_product(const Tensor& a, const Tensor& b, const Tensor& bias, bool rectified) {
  Tensor c = bias.defined() ? at::addmm(bias, a, b) : a.mm(b);
  return rectified ? c.relu_() : c;
}

}  // namespace

#if defined(CLEAVE_AVX2)

namespace {

// The result is computed in tiles of 6 x 16, whose sums fill 12 of the 16 vector registers while they run over K.
constexpr int64_t kRows = 6, kColumns = 16;
constexpr int64_t kDepth = 320;   ///< of K at a time: 16 columns of b are then 20 KiB and stay in the first cache
constexpr int64_t kTogether = 4;  ///< tiles beside each other in a part, at most: they share what they read of a
constexpr int64_t kWorthThreads = 1 << 18;  ///< products of numbers

constexpr int64_t divided_up(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

/// A matrix where it lies: element (i, j) is at[i * down + j * along].
struct Matrix {
  const float* at;
  int64_t down, along;

  Matrix from(int64_t i, int64_t j) const { return {at + i * down + j * along, down, along}; }
  Matrix transposed() const { return {at, along, down}; }
};

Matrix matrix(const Tensor& values) {
  return {values.const_data_ptr<float>(), values.stride(0), values.stride(1)};
}

/// row[i][j] becomes row[j][i].
CLEAVE_AVX2 inline void transpose(__m256 (&row)[8]) {
  __m256 pair[8], four[8];
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    pair[i] = _mm256_unpacklo_ps(row[i], row[i + 1]);
    pair[i + 1] = _mm256_unpackhi_ps(row[i], row[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 4) {
    four[i] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0x44);
    four[i + 1] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0xEE);
    four[i + 2] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
    four[i + 3] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0xEE);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    row[i] = _mm256_permute2f128_ps(four[i], four[i + 4], 0x20);
    row[i + 4] = _mm256_permute2f128_ps(four[i], four[i + 4], 0x31);
  }
}

/// The first `width` rows of m, `depth` columns of them, one column after another: to[k * kWidth + i] = m(i, k). Of
/// i >= width, and of 8 floats beyond the last column, anything may be left there: nothing is made of it.
template <int64_t kWidth>
CLEAVE_AVX2 void pack(Matrix m, int64_t width, int64_t depth, float* to) {
  int64_t k = 0;
  if (width == kWidth && m.down == 1 && m.along >= kWidth) {
    for (; k + 1 < depth; ++k) {  // not the last: by eights it might be read past the end of m
      for (int64_t i = 0; i < kWidth; i += 8)
        _mm256_storeu_ps(to + k * kWidth + i, _mm256_loadu_ps(m.at + k * m.along + i));
    }
  } else if (m.along == 1) {
    for (int64_t first = 0; first < kWidth; first += 8) {  // by eights: more rows at once would evict each other
      for (k = 0; k + 8 <= depth; k += 8) {
        __m256 block[8];
#pragma GCC unroll 8
        for (int64_t i = 0; i < 8; ++i)
          block[i] = first + i < width ? _mm256_loadu_ps(m.at + (first + i) * m.down + k) : _mm256_setzero_ps();
        transpose(block);
#pragma GCC unroll 8
        for (int64_t i = 0; i < 8; ++i)
          _mm256_storeu_ps(to + (k + i) * kWidth + first, block[i]);
      }
    }
  }
  for (; k < depth; ++k) {
    for (int64_t i = 0; i < width; ++i)
      to[k * kWidth + i] = m.at[i * m.down + k * m.along];
  }
}

/// One tile: c = start + a b, rectified or not; a and b packed, start and c rows of 16 so many floats apart.
template <int64_t... kRow>
CLEAVE_AVX2 inline void multiply_tile(std::integer_sequence<int64_t, kRow...>, const float* a, const float* b,
                                      int64_t depth, const float* start, int64_t start_down, bool rectified, float* c,
                                      int64_t down) {
  (_mm_prefetch(reinterpret_cast<const char*>(c + kRow * down), _MM_HINT_T0), ...);
  const __m256 zero = _mm256_setzero_ps();
  __m256 left[] = {(static_cast<void>(kRow), zero)...}, right[] = {(static_cast<void>(kRow), zero)...};
#pragma GCC unroll 4
  for (int64_t k = 0; k < depth; ++k, a += kRows, b += kColumns) {
    const __m256 b_left = _mm256_loadu_ps(b), b_right = _mm256_loadu_ps(b + 8);
    ((left[kRow] = _mm256_fmadd_ps(_mm256_broadcast_ss(a + kRow), b_left, left[kRow]),
      right[kRow] = _mm256_fmadd_ps(_mm256_broadcast_ss(a + kRow), b_right, right[kRow])),
     ...);
  }
  ((left[kRow] = _mm256_add_ps(left[kRow], _mm256_loadu_ps(start + kRow * start_down)),
    right[kRow] = _mm256_add_ps(right[kRow], _mm256_loadu_ps(start + kRow * start_down + 8))),
   ...);
  if (rectified) {  // in this order of arguments NaN stays NaN
    ((left[kRow] = _mm256_max_ps(zero, left[kRow]), right[kRow] = _mm256_max_ps(zero, right[kRow])), ...);
  }
  ((_mm256_storeu_ps(c + kRow * down, left[kRow]), _mm256_storeu_ps(c + kRow * down + 8, right[kRow])), ...);
}

void copy(const float* from, int64_t from_down, int64_t rows, int64_t columns, float* to, int64_t to_down) {
  for (int64_t i = 0; i < rows; ++i)
    std::copy_n(from + i * from_down, columns, to + i * to_down);
}

/// f(i) for every i < count, each taken by the thread that is free first: another process may slow one of them down.
template <class F>
void share_out(int64_t threads, int64_t count, const F& f) {
  std::atomic<int64_t> next = 0;
  at::parallel_for(0, threads, 1, [&](int64_t, int64_t) {
    for (int64_t i = next++; i < count; i = next++)
      f(i);
  });
}

/// a, b and c = a b + bias, [rows, depth], [depth, columns] and [rows, columns], and a copy of a in the order of use.
struct Product {
  Matrix a, b;
  const float* bias;  ///< nullptr for none
  bool rectified;
  float* c;
  int64_t rows, depth, columns;
  int64_t deep = divided_up(divided_up(depth, divided_up(depth, kDepth)), 8) * 8;  ///< of K at a time
  int64_t tiles_down = divided_up(rows, kRows), tiles_along = divided_up(columns, kColumns);
  int64_t panel = deep * kRows + 8;  ///< floats of a packed panel: 6 rows, `deep` of K
  float* packed_a = nullptr;         ///< panels [K / deep, tiles_down]

  int64_t panels() const { return divided_up(depth, deep) * tiles_down; }

  CLEAVE_AVX2 void pack_panel(int64_t number) const {
    const int64_t k = number / tiles_down * deep, i = number % tiles_down * kRows;
    pack<kRows>(a.from(i, k), std::min(kRows, rows - i), std::min(deep, depth - k), packed_a + number * panel);
  }

  /// Tiles [top, bottom) x [left, right) of c.
  CLEAVE_AVX2 void multiply(int64_t top, int64_t bottom, int64_t left, int64_t right) const {
    constexpr auto kEveryRow = std::make_integer_sequence<int64_t, kRows>();
    const Tensor memory = at::empty({deep * kColumns});
    auto* packed_b = memory.data_ptr<float>();
    for (int64_t k = 0; k < depth; k += deep) {
      const int64_t now = std::min(deep, depth - k);
      const bool is_first = k == 0, is_last = k + now == depth;
      for (int64_t j = left * kColumns; j < std::min(columns, right * kColumns); j += kColumns) {
        const int64_t wide = std::min(kColumns, columns - j);
        pack<kColumns>(b.from(k, j).transposed(), wide, now, packed_b);
        float row_of_bias[kColumns] = {};
        if (bias != nullptr) std::copy_n(bias + j, wide, row_of_bias);
        for (int64_t t = top; t < bottom; ++t) {
          const float* packed = packed_a + (k / deep * tiles_down + t) * panel;
          float* at = c + t * kRows * columns + j;
          const int64_t high = std::min(kRows, rows - t * kRows);
          if (high == kRows && wide == kColumns) {
            multiply_tile(kEveryRow, packed, packed_b, now, is_first ? row_of_bias : at, is_first ? 0 : columns,
                          rectified && is_last, at, columns);
          } else {  // by way of a whole tile
            float tile[kRows * kColumns];
            if (!is_first) copy(at, columns, high, wide, tile, kColumns);
            multiply_tile(kEveryRow, packed, packed_b, now, is_first ? row_of_bias : tile, is_first ? 0 : kColumns,
                          rectified && is_last, tile, kColumns);
            copy(tile, kColumns, high, wide, at, columns);
          }
        }
      }
    }
  }
};

}  // namespace

bool can_multiply() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

bool multiplies_faster() {
  static const bool is_faster = can_multiply() && __builtin_cpu_is("amd");
  return is_faster;
}

Tensor product(const Tensor& a, const Tensor& b, const Tensor& bias, bool rectified) {
  const int64_t rows = a.size(0), depth = a.size(1), columns = b.size(1);
  if (rows == 0 || depth == 0 || columns == 0) return library_product(a, b, bias, rectified);
  Tensor c = at::empty({rows, columns});
  const Tensor row_of_bias = bias.defined() ? bias.contiguous() : bias;
  Product whole = {.a = matrix(a),
                   .b = matrix(b),
                   .bias = bias.defined() ? row_of_bias.const_data_ptr<float>() : nullptr,
                   .rectified = rectified,
                   .c = c.data_ptr<float>(),
                   .rows = rows,
                   .depth = depth,
                   .columns = columns};
  const Tensor memory = at::empty({whole.panels() * whole.panel});
  whole.packed_a = memory.data_ptr<float>();
  const int64_t threads = rows * depth * columns < kWorthThreads ? 1 : at::get_num_threads();
  share_out(threads, whole.panels(), [&](int64_t i) { whole.pack_panel(i); });

  // A few parts for every thread; of columns, because b is packed anew for each part of the rows.
  const int64_t wanted = 4 * threads;
  const int64_t along = divided_up(whole.tiles_along, std::clamp<int64_t>(whole.tiles_along / wanted, 1, kTogether));
  const int64_t down = std::min(whole.tiles_down, divided_up(wanted, along));
  share_out(threads, down * along, [&](int64_t part) {
    const int64_t i = part / along, j = part % along;
    whole.multiply(i * whole.tiles_down / down, (i + 1) * whole.tiles_down / down, j * whole.tiles_along / along,
                   (j + 1) * whole.tiles_along / along);
  });
  return c;
}

#else

bool can_multiply() {
  return false;
}
bool multiplies_faster() {
  return false;
}
Tensor product(const Tensor& a, const Tensor& b, const Tensor& bias, bool rectified) {
  return library_product(a, b, bias, rectified);
}

#endif

}  // namespace cleave::kernels
