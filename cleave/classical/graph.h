// Undirected weighted graphs of examples: who is near whom, and what hangs together.
//
// Source  Jarvis, Patrick. Clustering using a similarity measure based on shared near neighbors. 1973.
//         Zelnik-Manor, Perona. Self-tuning spectral clustering. NIPS 2004 (a scale for each example).
// Axes    N examples, X features, M edges.
#pragma once

#include <cstdint>

#include "cleave/base/tensor.h"
#include "cleave/classical/nearest.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

/// Compressed rows: the neighbours of example i are targets[offsets[i] .. offsets[i + 1]). Every edge stands in the
/// rows of both its ends; no example is its own neighbour.
struct Graph {
  Tensor offsets;  ///< [N + 1] int64
  Tensor targets;  ///< [2 M] int64, rising within a row
  Tensor weights;  ///< [2 M] float64, > 0

  int64_t size() const { return offsets.size(0) - 1; }
  int64_t edge_count() const { return targets.size(0) / 2; }

  /// The ends of each edge, the smaller first, [M, 2] int64, in rising order.
  Tensor edges() const;
};

/// How much an edge counts. Neighbourhoods A(i) of an example include itself.
enum class EdgeWeight {
  kOne,
  kGaussian,  ///< exp(-d_ij^2 / (s_i s_j)); s_i is the distance to the last neighbour asked for, or eps
  kShared,    ///< |A(i) and A(j)|, divided by the largest there can be
  kJaccard,   ///< |A(i) and A(j)| / |A(i) or A(j)|
};

/// Whether i and j are joined when one has the other among its nearest, or only when both do.
enum class EdgeRule { kUnion, kMutual };

/// The graph of the nearest neighbours of each example: `neighbours` as nearest(x, x, k, leave_self_out) gives them.
/// Throws ArgumentError when indices are no rows of it or an example is its own neighbour.
Graph neighbour_graph(const Neighbours& neighbours, EdgeRule join, EdgeWeight weights);

/// Every pair of rows of x [N, X] at a distance of at most eps, found by blocked products and decided by exact
/// distances. Equal rows are joined. Cost O(N^2 X), memory by the edges.
/// Throws ArgumentError unless eps > 0, and when there are more than `most_edges` edges; DataError when values are not
/// finite; Interrupted.
Graph radius_graph(const Tensor& x, double eps, EdgeWeight weights, int64_t most_edges = int64_t{1} << 26,
                   const ShouldStop& should_stop = {});

/// The graph of N examples with the given edges [M, 2] int64 and weights [M], or 1 each where `weights` is undefined.
/// Of an edge given twice the weights are added; edges from an example to itself are dropped. Throws ArgumentError for
/// ends outside [0, N) and weights that are not positive and finite.
Graph graph_of_edges(int64_t size, const Tensor& edges, const Tensor& weights = {});

/// Which examples hang together, [N] int64: components numbered by falling size, of equal ones by their first member.
Tensor connected_components(const Graph& graph);

/// The same partition with parts numbered by falling size, of equal ones by their first member. labels [N] int64 >= 0.
Tensor numbered_by_size(const Tensor& labels);

}  // namespace cleave::classical
