// UMAP: a map in which the neighbours of every example stay near and others are pushed away.
//
// Source  McInnes, Healy, Melville. UMAP: uniform manifold approximation and projection for dimension reduction. 2018.
//         Jarvis, Patrick. Clustering using a similarity measure based on shared near neighbors. 1973; Levine et al.
//         Data-driven phenotypic dissection of AML. Cell 2015 (edges weighed by common neighbours).
// Axes    N examples, X features, k neighbours, E edges, D dimensions of the map, Q new examples.
//
// The published optimiser moves both ends of one sampled edge after another, on all threads without locks, and so gives
// another map in every run. Here an epoch has a fixed number of steps, each edge a step of its own; in a step all
// examples move at once, seeing each other where they stood before it. Each gathers its own pulls and pushes, which
// leaves the result the same for any number of threads. That both ends of an edge see the same distance and so move
// alike is what matters: with one end ahead of the other, pairs wander, and the map stays fuzzy.
#pragma once

#include <cstdint>
#include <vector>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/classical/nearest.h"
#include "cleave/classical/rows.h"
#include "cleave/classical/spectral.h"
#include "cleave/classical/umap_moves.h"

namespace cleave::classical {

struct UmapOptions {
  int64_t dimensions = 2;
  int64_t neighbours = 15;       ///< of each example, itself included as in the source, hence at least 2
  double min_dist = 0.1;         ///< how near examples may lie in the map
  double spread = 1;             ///< scale of the map
  int64_t epochs = 0;            ///< 0 decides by size: 200 above 10 000 examples, else 500
  double learning_rate = 1;      ///< of the first epoch; falls to 0 in a straight line
  int64_t negative_samples = 5;  ///< per sampled edge

  int64_t epochs_for(int64_t examples) const { return epochs > 0 ? epochs : examples > 10000 ? 200 : 500; }
};

/// Throws ArgumentError when an option is out of its range.
void check(const UmapOptions& options);

/// How strongly two examples at distance d in the map belong together: 1 / (1 + a d^2b).
struct UmapCurve {
  double a = 1;
  double b = 1;
};

/// The curve nearest, by least squares over 300 distances up to 3 spreads, to one that is 1 up to min_dist and falls as
/// exp(-(d - min_dist) / spread) beyond. Throws ArgumentError unless 0 <= min_dist and 0 < spread.
UmapCurve umap_curve(double min_dist, double spread);

/// How strongly each neighbour belongs to an example, as seen from there: exp(-max(0, d - nearest) / scale).
struct Memberships {
  Tensor weights;  ///< [N, k] float32
  Tensor nearest;  ///< [N] float64, the least distance above 0; 0 where there is none
  Tensor scales;   ///< [N] float64, such that the weights sum to log2(k + 1)
};

/// distances [N, k] float64 of others, nearest first. With `connected` every example is sure of its nearest neighbour;
/// new examples placed into a map have no such claim, and then the sum to reach is log2(k), the first column apart.
Memberships memberships(const Tensor& distances, bool connected = true);

/// Union of what both ends say of an edge: P + P^T - P o P^T. indices [N, k] int64 and weights [N, k] float32.
SparseRows fuzzy_union(const Tensor& indices, const Tensor& weights);

/// The graph of the k = options.neighbours - 1 nearest others of each example; its vertices are those of `neighbours`.
/// With `sharing` above 0 each edge also counts by the Jaccard index of its ends' neighbourhoods to that power: ends
/// that know nobody else in common hardly hold together.
SparseRows umap_graph(const Neighbours& neighbours, double sharing = 0);

/// First positions [N, D] float32, each axis from 0 to 10: the spectral map, every connected component for itself
/// around a place of its own. x [N, X] are the examples. Throws Interrupted.
Tensor umap_start(const SparseRows& graph, const Tensor& x, const UmapOptions& options, const Randomness& random,
                  const ShouldStop& should_stop = {});

/// Everything that one epoch leaves to the next. A fit stopped after any epoch goes on from here.
struct UmapProgress {
  int64_t epoch = 0;
  Tensor map;  ///< [N, D] float32
  bool finished = false;
};

/// The edges as the epochs go through them. Depends on its arguments only, so that a resumed fit makes it anew.
class UmapLayout {
 public:
  UmapLayout(const SparseRows& graph, const UmapOptions& options, const Randomness& random);

  /// One epoch.
  void epoch(UmapProgress& progress) const;

 private:
  UmapOptions options_;
  UmapCurve curve_;
  int64_t size_, epochs_;
  uint64_t key_;
  std::vector<int64_t> offsets_;     ///< [steps * N + 1], step by step
  std::vector<UmapSample> samples_;  ///< two per edge, each at both of its ends
};

struct UmapResult {
  Tensor map;  ///< [N, D] float32
};

/// The whole fit of x [N, X]. Throws ArgumentError when an option is out of its range or N < 2, DataError when values
/// are not finite, Interrupted. With fewer than `neighbours` examples all others are neighbours.
UmapResult umap(const Tensor& x, const UmapOptions& options, const Randomness& random,
                const ShouldStop& should_stop = {});

/// The same from a graph of x's neighbours.
UmapResult umap(const SparseRows& graph, const Tensor& x, const UmapOptions& options, const Randomness& random,
                const ShouldStop& should_stop = {});

/// Places new examples into a map [N, D] that stays as it is: each starts at the mean of its neighbours weighted by
/// membership and takes a short run of epochs. neighbours [Q, k] point to rows of the map. What an example gets depends
/// on its own neighbours only.
Tensor umap_place(const Neighbours& neighbours, const Tensor& map, const UmapOptions& options,
                  const Randomness& random);

}  // namespace cleave::classical
