// Going over the rows of a data matrix in blocks that stay in the cache, on all threads.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include "cleave/base/tensor.h"

namespace cleave::classical {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Asked once per iteration of a long function; true makes it throw Interrupted.
using ShouldStop = std::function<bool()>;

/// Rows [first, last).
struct RowRange {
  int64_t first = 0;
  int64_t last = 0;
  int64_t size() const { return last - first; }
};

/// Throws ArgumentError unless x is a matrix [N, X] of float32 or float64 with N, X >= 1; returns it detached, with
/// adjacent rows, on the CPU.
Tensor checked_matrix(const Tensor& x, const char* who);

/// Rows per block such that a block of `columns` values a row has about 2^18 values.
int64_t block_rows(int64_t columns);

/// Parts into which `rows` are cut when each sums `values` numbers of its own: at most 64, of at least 256 rows, and
/// not more than fit into 256 MiB. It depends on the data's shape only, so what is summed per part and then over the
/// parts in order is the same for any number of threads.
int64_t part_count(int64_t rows, int64_t values = 1);

/// Calls work(part, block) for every block of at most `block` rows; blocks of one part in order, parts in parallel.
void for_each_block(int64_t rows, int64_t parts, int64_t block,
                    const std::function<void(int64_t part, RowRange block)>& work);

/// The same for work that sums nothing.
void for_each_block(int64_t rows, int64_t block, const std::function<void(RowRange block)>& work);

/// Mean of each column of x [N, X], [X] float64, summed in an order that depends on the shape only.
/// Not finite where a value is not.
Tensor column_means(const Tensor& x);

/// Throws Interrupted when should_stop is set and says so.
void stop_if_asked(const ShouldStop& should_stop, const char* who);

/// Squared Euclidean distances [B, K] of x [B, X] to centres [K, X], by a matrix product about the mean centre, which
/// keeps the digits of data far from the origin. Never negative.
Tensor squared_distances(const Tensor& x, const Tensor& centres);

}  // namespace cleave::classical
