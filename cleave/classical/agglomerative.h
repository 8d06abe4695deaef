// Agglomerative clustering: from single examples upwards, the two nearest clusters are merged, again and again.
//
// Source  Mullner. Modern hierarchical, agglomerative clustering algorithms. 2011, arXiv:1109.2378.
//         Murtagh. A survey of recent advances in hierarchical clustering algorithms. Computer Journal 1983 (chains of
//         nearest neighbours). Ward. Hierarchical grouping to optimize an objective function. JASA 1963.
// Axes    N examples, X features.
//
// Distance of two clusters A and B of n_A and n_B examples with means m_A and m_B:
//   single    min over pairs of |a - b|        complete  max over pairs
//   average   mean over pairs                  centroid  |m_A - m_B|
//   ward      sqrt(2 n_A n_B / (n_A + n_B)) |m_A - m_B|
#pragma once

#include <cstdint>
#include <string>

#include "cleave/base/tensor.h"
#include "cleave/classical/merge_tree.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

enum class Linkage { kSingle, kComplete, kAverage, kWard, kCentroid };

/// "single", "complete", "average", "ward" or "centroid". Throws ArgumentError for another word.
Linkage linkage_of(const std::string& word);

struct AgglomerativeOptions {
  Linkage linkage = Linkage::kWard;
  int64_t connectivity = 0;  ///< > 0: only neighbours merge, in the graph of this many nearest neighbours
  double memory = 0;         ///< most bytes for a distance matrix; 0: three quarters of the machine's
};

/// The merges of x [N, X], all N - 1 of them.
///
/// Without connectivity the result is exact. Single: a minimum spanning tree. Ward: mutual nearest neighbours merge,
/// many at a time, and a cluster is asked again only when its neighbour has merged. Centroid: the nearest pair of all
/// merges; heights may fall (inversions). These need O(N) memory. Complete and average follow chains of nearest
/// neighbours through a matrix of N (N - 1) / 2 distances in the type of the data. Time O(N^2) except for centroid,
/// whose worst case is O(N^3).
///
/// With connectivity two clusters may merge when an edge of the neighbour graph (which counts both ways) joins them;
/// parts of the graph that nothing joins get the edge between their nearest examples. Single, complete and average
/// then see the edges' distances only. Heights may fall for all linkages but single. The time grows with
/// the edges of the largest clusters, up to O(N^2).
///
/// Throws ArgumentError when the matrix would not fit or there are fewer than `connectivity` other examples, DataError
/// when values are not finite, Interrupted.
MergeTree agglomerate(const Tensor& x, const AgglomerativeOptions& options = {}, const ShouldStop& should_stop = {});

}  // namespace cleave::classical
