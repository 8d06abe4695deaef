// The innermost loops of neighbour search, compiled once per kind of processor.
#pragma once

#include <cstdint>

namespace cleave::classical {

/// |a - b|^2 in float64, for rows of `width` values.
double exact_square(const float* a, const float* b, int64_t width);
double exact_square(const double* a, const double* b, int64_t width);

/// The positions j in [0, count) at which  products[j] + squares[j] + square  is at most `limit` or limits[j], rising,
/// into hits; returns how many there are.
int64_t within_limits(const float* products, const float* squares, const float* limits, float square, float limit,
                      int64_t count, int32_t* hits);
int64_t within_limits(const double* products, const double* squares, const double* limits, double square, double limit,
                      int64_t count, int32_t* hits);

}  // namespace cleave::classical
