// Exact nearest neighbours by Euclidean distance.
#pragma once

#include <cstdint>

#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

struct Neighbours {
  Tensor indices;    ///< [Q, k] int64, nearest first; of equally near ones the first
  Tensor distances;  ///< [Q, k] float64
};

/// The k rows of x [N, X] nearest to each of `queries` [Q, X]. With `leave_self_out` the queries are x itself, and row
/// i is no neighbour of row i. A matrix product finds a few more than k candidates, which exact distances then order;
/// where one in float32 blurs more than these tell apart, as between groups far from each other, another in float64
/// does. Throws ArgumentError when the shapes do not fit or fewer than k rows are there, DataError when values are not
/// finite, Interrupted (asked once per block of queries).
Neighbours nearest(const Tensor& queries, const Tensor& x, int64_t k, bool leave_self_out = false,
                   const ShouldStop& should_stop = {});

/// The most frequent label among the first k neighbours of each query, [Q] int64; of equally frequent ones the
/// smallest. labels [N] int64, >= 0, of the rows that `indices` [Q, at least k] point to.
Tensor vote(const Tensor& indices, const Tensor& labels, int64_t k);

}  // namespace cleave::classical
