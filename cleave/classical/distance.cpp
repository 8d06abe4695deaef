#include "cleave/classical/distance.h"

#include "cleave/classical/processors.h"

namespace cleave::classical {

namespace {

template <class T>
[[gnu::always_inline]] inline double square_of(const T* __restrict__ a, const T* __restrict__ b, int64_t width) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t d = 0; d < width; ++d) {
    double difference = static_cast<double>(a[d]) - static_cast<double>(b[d]);
    sum += difference * difference;
  }
  return sum;
}

template <class T>
[[gnu::always_inline]] inline int64_t positions_within(const T* __restrict__ products, const T* __restrict__ squares,
                                                       const T* __restrict__ limits, T square, T limit, int64_t count,
                                                       int32_t* __restrict__ hits) {
  constexpr int64_t kLanes = 32;
  int64_t found = 0, j = 0;
  for (; j + kLanes <= count; j += kLanes) {
    int32_t any = 0;
#pragma omp simd reduction(| : any)
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      T score = products[j + lane] + squares[j + lane] + square;
      any |= static_cast<int32_t>(score <= limit) | static_cast<int32_t>(score <= limits[j + lane]);
    }
    if (any == 0) continue;
    for (int64_t lane = j; lane < j + kLanes; ++lane) {
      T score = products[lane] + squares[lane] + square;
      hits[found] = static_cast<int32_t>(lane);
      found += static_cast<int64_t>((score <= limit) | (score <= limits[lane]));
    }
  }
  for (; j < count; ++j) {
    T score = products[j] + squares[j] + square;
    if (score <= limit || score <= limits[j]) hits[found++] = static_cast<int32_t>(j);
  }
  return found;
}

}  // namespace

CLEAVE_FOR_EVERY_PROCESSOR
double exact_square(const float* a, const float* b, int64_t width) {
  return square_of(a, b, width);
}

CLEAVE_FOR_EVERY_PROCESSOR
double exact_square(const double* a, const double* b, int64_t width) {
  return square_of(a, b, width);
}

CLEAVE_FOR_EVERY_PROCESSOR
int64_t within_limits(const float* products, const float* squares, const float* limits, float square, float limit,
                      int64_t count, int32_t* hits) {
  return positions_within(products, squares, limits, square, limit, count, hits);
}

CLEAVE_FOR_EVERY_PROCESSOR
int64_t within_limits(const double* products, const double* squares, const double* limits, double square, double limit,
                      int64_t count, int32_t* hits) {
  return positions_within(products, squares, limits, square, limit, count, hits);
}

}  // namespace cleave::classical
