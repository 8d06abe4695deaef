#include "cleave/kernels/products.h"

#include <algorithm>
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
constexpr int64_t kDepth = 320;  ///< of K at a time: 16 columns of b are then 20 KiB and stay in the first cache
constexpr int64_t kBlock = 258;  ///< rows of a at a time: 258 KiB, half of the second cache

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
/// i >= width, and of 8 floats beyond the last column, anything may be left there: nothing is made of their sums.
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

/// What is asked of one thread: c [rows, columns] = a b + bias, the rows of c so many floats apart.
struct Part {
  Matrix a, b;
  const float* bias;  ///< nullptr for none
  bool rectified;
  float* c;
  int64_t c_down, rows, columns, depth;
};

CLEAVE_AVX2 void multiply(const Part& p) {
  constexpr auto kEveryRow = std::make_integer_sequence<int64_t, kRows>();
  const int64_t block = divided_up(divided_up(p.rows, divided_up(p.rows, kBlock)), kRows) * kRows;
  const int64_t deep = divided_up(divided_up(p.depth, divided_up(p.depth, kDepth)), 8) * 8;
  const Tensor memory = at::empty({block * deep + deep * kColumns + 8});
  float *packed_a = memory.data_ptr<float>(), *packed_b = packed_a + block * deep;
  for (int64_t i0 = 0; i0 < p.rows; i0 += block) {
    const int64_t rows = std::min(block, p.rows - i0);
    for (int64_t k0 = 0; k0 < p.depth; k0 += deep) {
      const int64_t depth = std::min(deep, p.depth - k0);
      const bool is_first = k0 == 0, rectified = p.rectified && k0 + depth == p.depth;
      for (int64_t i = 0; i < rows; i += kRows)
        pack<kRows>(p.a.from(i0 + i, k0), std::min(kRows, rows - i), depth, packed_a + i * depth);
      for (int64_t j = 0; j < p.columns; j += kColumns) {
        const int64_t wide = std::min(kColumns, p.columns - j);
        pack<kColumns>(p.b.from(k0, j).transposed(), wide, depth, packed_b);
        float bias[kColumns] = {};
        if (p.bias != nullptr) std::copy_n(p.bias + j, wide, bias);
        for (int64_t i = 0; i < rows; i += kRows) {
          const float* a = packed_a + i * depth;
          float* c = p.c + (i0 + i) * p.c_down + j;
          const int64_t high = std::min(kRows, rows - i);
          if (high == kRows && wide == kColumns) {
            multiply_tile(kEveryRow, a, packed_b, depth, is_first ? bias : c, is_first ? 0 : p.c_down, rectified, c,
                          p.c_down);
          } else {  // by way of a whole tile
            float tile[kRows * kColumns];
            if (!is_first) copy(c, p.c_down, high, wide, tile, kColumns);
            multiply_tile(kEveryRow, a, packed_b, depth, is_first ? bias : tile, is_first ? 0 : kColumns, rectified,
                          tile, kColumns);
            copy(tile, kColumns, high, wide, c, p.c_down);
          }
        }
      }
    }
  }
}

/// Into how many parts of rows and of columns c is cut for so many threads: the cut that packs least, among those that
/// leave no thread idle.
std::pair<int64_t, int64_t> cut(int64_t rows, int64_t columns, int64_t threads) {
  std::pair<int64_t, int64_t> best = {1, threads};
  double least = 0;
  for (int64_t down = 1; down <= threads; ++down) {
    if (threads % down != 0) continue;
    const int64_t along = threads / down;
    const double height = static_cast<double>(divided_up(divided_up(rows, kRows), down) * kRows);
    const double width = static_cast<double>(divided_up(divided_up(columns, kColumns), along) * kColumns);
    const double work = height * width + 8 * (height + width);  // an element packed costs about eight products
    if (down == 1 || work < least) {
      best = {down, along};
      least = work;
    }
  }
  return best;
}

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
  const Part whole = {matrix(a),
                      matrix(b),
                      bias.defined() ? row_of_bias.const_data_ptr<float>() : nullptr,
                      rectified,
                      c.data_ptr<float>(),
                      columns,
                      rows,
                      columns,
                      depth};
  const auto [down, along] = cut(rows, columns, at::get_num_threads());
  const int64_t tiles_down = divided_up(rows, kRows), tiles_along = divided_up(columns, kColumns);
  at::parallel_for(0, down * along, 1, [&, down = down, along = along](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t i = t / along, j = t % along;
      const int64_t top = i * tiles_down / down * kRows, left = j * tiles_along / along * kColumns;
      Part part = whole;
      part.rows = std::min(rows, (i + 1) * tiles_down / down * kRows) - top;
      part.columns = std::min(columns, (j + 1) * tiles_along / along * kColumns) - left;
      if (part.rows <= 0 || part.columns <= 0) continue;
      part.a = whole.a.from(top, 0);
      part.b = whole.b.from(0, left);
      if (whole.bias != nullptr) part.bias = whole.bias + left;
      part.c = whole.c + top * columns + left;
      multiply(part);
    }
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
