// The minimum spanning tree of points, under Euclidean or mutual reachability distance.
//
// Source  Prim. Shortest connection networks and some generalizations. Bell System Technical Journal 1957.
//         Boruvka. O jistem problemu minimalnim. 1926 (every part takes its shortest edge out, again and again).
// Axes    N examples, X features.
#pragma once

#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

/// Edges in the order in which Prim's algorithm finds them from example 0.
struct SpanningTree {
  Tensor from;     ///< [N - 1] int64, already in the tree
  Tensor to;       ///< [N - 1] int64, joins the tree
  Tensor lengths;  ///< [N - 1] float64
};

/// The exact tree of x [N, X]. With `squared_cores` [N] float64 the distance of i and j is
/// max(core_i, core_j, |x_i - x_j|) (mutual reachability; squares, because a root would blur which of them are equal).
///
/// Of equally long edges the one to the first example comes first. Few examples: Prim's algorithm. Many: rounds in
/// which each part of the tree but the largest takes its shortest edge out. Edges between near examples come from lists
/// of neighbours (`known`, indices as nearest() gives them with leave_self_out; found here when absent), others from
/// bounds by matrix products between balls of examples that are near enough. Time O(N^2) at most, memory O(N).
/// Throws DataError when values are not finite, Interrupted.
SpanningTree minimum_spanning_tree(const Tensor& x, const Tensor& squared_cores = {}, const Tensor& known = {},
                                   const ShouldStop& should_stop = {});

}  // namespace cleave::classical
