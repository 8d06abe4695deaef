// Leiden: communities of a graph, groups with more edges inside than chance or a resolution would have.
//
// Source     Traag, Waltman, van Eck. From Louvain to Leiden: guaranteeing well-connected communities. Sci. Rep. 2019.
//            Newman, Girvan. Finding and evaluating community structure in networks. Phys. Rev. E 2004 (modularity);
//            Reichardt, Bornholdt 2006 (its resolution).
//            Traag, Van Dooren, Nesterov. Narrow scope for resolution-limit-free community detection. 2011 (CPM).
// Maximises  sum_c [ w_c - L M_c^2 / 2 ]                                                                     (O1)
//            w_c: weight of the edges inside community c; M_c: sum of its members' masses. For modularity the mass of
//            an example is the weight of its edges and L = resolution / (2 W), W the weight of all edges; for the
//            constant Potts model every mass is 1 and L = resolution.
// Axes       N examples.
#pragma once

#include <cstdint>

#include "cleave/base/random.h"
#include "cleave/classical/graph.h"

namespace cleave::classical {

enum class Quality {
  kModularity,  ///< sum_c [ w_c / W - resolution (M_c / 2 W)^2 ]
  kCpm,         ///< sum_c [ w_c - resolution n_c (n_c - 1) / 2 ]
};

struct LeidenOptions {
  Quality objective = Quality::kModularity;
  double resolution = 1;     ///< the higher, the more and smaller communities
  double tolerance = 1e-5;   ///< stop after a pass that gains less, in parts of the quality
  int64_t most_passes = 50;  ///< each ends at a partition no worse than the last
};

/// What Leiden maximises, of the parts labels [N] int64 >= 0. 0 for a graph without edges under modularity.
double partition_quality(const Graph& graph, const Tensor& labels, const LeidenOptions& options);

/// One pass from a given partition [N] (undefined: every example alone): examples move to better communities until none
/// gains; each community is split into well-connected parts; these become the vertices of a smaller graph, and so on
/// until nothing moves. Never worse than what went in. Depends on nothing but its arguments; one thread.
/// Throws ArgumentError unless resolution > 0 and the labels fit, Interrupted.
Tensor leiden_pass(const Graph& graph, const Tensor& labels, const LeidenOptions& options, const Randomness& random,
                   const ShouldStop& should_stop = {});

/// Whether a pass that went from one quality to another leaves hope for more.
bool gains(double before, double after, const LeidenOptions& options);

struct Communities {
  Tensor labels;  ///< [N] int64, numbered by falling size
  double quality = 0;
  int64_t passes = 0;
};

/// Passes until one gains next to nothing. Throws as leiden_pass() does.
Communities leiden(const Graph& graph, const LeidenOptions& options, const Randomness& random,
                   const ShouldStop& should_stop = {});

/// Members of every community of fewer than `least` go, all at a time, to the community of at least that many that they
/// have most edge weight to, and so on; those that no edges lead from to a large one get -1. Numbered by falling size.
Tensor without_small(const Graph& graph, const Tensor& labels, int64_t least);

/// The search for a resolution that gives a wanted number of communities: up or down by doubling, then by halving the
/// interval of its logarithm. The number rises with the resolution, if not always.
struct ResolutionSearch {
  double next = 1;  ///< the resolution to try
  double low = 0;   ///< the largest known to give too few; 0: none yet
  double high = 0;  ///< the least known to give too many; 0: none yet
  int64_t tried = 0;

  static constexpr int64_t kMostTries = 30;

  /// Takes note of what `next` gave. Returns false when there is nothing left to try.
  bool learn(int64_t count, int64_t wanted);
};

}  // namespace cleave::classical
