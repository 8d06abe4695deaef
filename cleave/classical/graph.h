// Undirected weighted graphs of examples: who is near whom, what hangs together, and who all know each other.
//
// Source  Bron, Kerbosch. Finding all cliques of an undirected graph. CACM 1973; with the pivots of Tomita, Tanaka,
//         Takahashi 2006 and the order of Eppstein, Loeffler, Strash. Listing all maximal cliques in sparse graphs in
//         near-optimal time. ISAAC 2010.
//         Jarvis, Patrick. Clustering using a similarity measure based on shared near neighbors. 1973.
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

/// Sets of examples that may overlap: members[offsets[k] .. offsets[k + 1]) is set k.
struct Cliques {
  Tensor offsets;  ///< [K + 1] int64
  Tensor members;  ///< int64, rising within a clique

  int64_t count() const { return offsets.size(0) - 1; }
};

/// Every maximal clique of at least `min_members`: a set whose members are all joined to each other, and to which no
/// example can be added. In order of falling size, then by members. There can be exponentially many: throws
/// ArgumentError once there are more than `most`, or when a group is so dense that the search could not end;
/// Interrupted.
Cliques maximal_cliques(const Graph& graph, int64_t min_members = 2, int64_t most = 100'000,
                        const ShouldStop& should_stop = {});

/// Membership [N, K] float32: an example belongs in equal parts to each clique it is in, and to none if it is in none.
Tensor clique_membership(const Cliques& cliques, int64_t size);

}  // namespace cleave::classical
