// DBSCAN: clusters are what chains of close examples connect where the data are dense; the rest is noise.
//
// Source  Ester, Kriegel, Sander, Xu. A density-based algorithm for discovering clusters in large spatial databases
//         with noise. KDD 1996.
//         Satopaa, Albrecht, Irwin, Raghavan. Finding a "kneedle" in a haystack. ICDCS workshops 2011 (the knee).
// Axes    N examples, X features.
#pragma once

#include <cstdint>

#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

struct DbscanResult {
  Tensor labels;         ///< [N] int64; -1: noise
  Tensor core;           ///< [N] bool: at least min_points examples lie within eps, the example itself counted
  int64_t clusters = 0;  ///< numbered by their first core examples
};

/// Exact DBSCAN of x [N, X]. Core examples at most eps apart share a cluster; an example that is not core but within
/// eps of core ones belongs to the first of their clusters. Distances are compared in float64.
///
/// Examples stand in balls; pairs of balls too far apart are passed over, the rest is bounded by matrix products and
/// only what those leave open is computed. Time O(N^2) at most, memory O(N min_points) at most.
/// Throws ArgumentError unless eps > 0 and min_points >= 1, DataError when values are not finite, Interrupted.
DbscanResult dbscan(const Tensor& x, double eps, int64_t min_points, const ShouldStop& should_stop = {});

/// Distances from examples to their (min_points - 1)th nearest other example, rising, [at most `most`] float64: with
/// eps at any of them that share of the examples is core. Evenly spread examples stand for all when there are more.
/// Throws ArgumentError when N < min_points, DataError, Interrupted.
Tensor core_distance_curve(const Tensor& x, int64_t min_points, int64_t most = 4096,
                           const ShouldStop& should_stop = {});

/// The value where a rising curve [Q] turns upwards: of those above 0, the one farthest below the straight line between
/// their ends; 0 without any.
double knee(const Tensor& curve);

}  // namespace cleave::classical
