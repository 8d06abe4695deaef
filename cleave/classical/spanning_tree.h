// The minimum spanning tree of points, under Euclidean or mutual reachability distance.
//
// Source  Prim. Shortest connection networks and some generalizations. Bell System Technical Journal 1957.
// Axes    N examples, X features.
#pragma once

#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

/// Edges in the order in which Prim's algorithm finds them from example 0; of equally long edges the one to the first
/// example.
struct SpanningTree {
  Tensor from;     ///< [N - 1] int64, already in the tree
  Tensor to;       ///< [N - 1] int64, joins the tree
  Tensor lengths;  ///< [N - 1] float64
};

/// The exact tree of x [N, X]. With `squared_cores` [N] float64 the distance of i and j is
/// max(core_i, core_j, |x_i - x_j|) (mutual reachability; squares, because a root would blur which of them are equal).
/// Time O(N^2) at most, less where the data fall into groups in
/// few dimensions: points stand in balls, and a ball that is too far to gain by the newest point is passed over.
/// Memory O(N). Throws DataError when values are not finite, Interrupted.
SpanningTree minimum_spanning_tree(const Tensor& x, const Tensor& squared_cores = {},
                                   const ShouldStop& should_stop = {});

}  // namespace cleave::classical
