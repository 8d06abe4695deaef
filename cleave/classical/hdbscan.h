// HDBSCAN: the clusters that persist over the longest range of densities.
//
// Source  Campello, Moulavi, Zimek, Sander. Hierarchical density estimates for data clustering, visualization, and
//         outlier detection. ACM TKDD 2015.
//         McInnes, Healy. Accelerated hierarchical density based clustering. ICDM workshops 2017.
// Axes    N examples, X features.
//
// Core distance       core(i): distance to the (min_points - 1)th nearest other example                      (D1)
// Mutual reachability max(core(i), core(j), |x_i - x_j|)                                                      (D2)
// Density             lambda = 1 / distance                                                                   (D3)
// Stability           of cluster C: sum over its examples of lambda at which they leave it - lambda of its birth (S1)
#pragma once

#include <cstdint>
#include <vector>

#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

enum class Selection { kExcessOfMass, kLeaf };

struct HdbscanOptions {
  int64_t min_cluster_size = 5;
  int64_t min_points = 0;  ///< examples that make a core, the example itself counted; 0: min_cluster_size
  Selection selection = Selection::kExcessOfMass;
};

/// The hierarchy without what is smaller than min_cluster_size: each row is an example or a cluster that leaves its
/// parent at density lambda.
struct CondensedTree {
  std::vector<int64_t> parents;   ///< clusters from N on; N is the root
  std::vector<int64_t> children;  ///< examples below N, clusters from N on
  std::vector<double> lambdas;    ///< infinite where examples are equal
  std::vector<int64_t> sizes;
};

struct HdbscanResult {
  Tensor labels;          ///< [N] int64; -1: noise
  Tensor probabilities;   ///< [N] float64, how near to the densest of its cluster; 0 for noise
  Tensor core_distances;  ///< [N] float64
  Tensor births;          ///< [K] float64, lambda at which each cluster leaves its parent
  Tensor stabilities;     ///< [K] float64
  CondensedTree tree;
};

/// Clusters x [N, X]. The root is never a cluster: data of one lump are all noise. With the labels and conventions of
/// scikit-learn's HDBSCAN, whose min_samples counts the example itself. Mutual reachabilities are often equal (one core
/// distance, several edges; examples on a grid); they keep the order in which Prim's algorithm finds them, where
/// scikit-learn leaves it to an unstable sort: there labels may differ from machine to machine. What falls apart at
/// once, at the very distance at which it parts from the rest, is no cluster here, in whatever order the rows come, but
/// may be one there. Throws ArgumentError when min_cluster_size < 2 or fewer than min_points examples, DataError when
/// values are not finite, Interrupted.
HdbscanResult hdbscan(const Tensor& x, const HdbscanOptions& options = {}, const ShouldStop& should_stop = {});

/// Labels of new examples [B, X]: that of the example of the fit nearest by mutual reachability, among the
/// 2 min_points nearest; -1 when it lies no denser than the birth of that cluster. The core distance of a new example
/// counts itself, as in the fit.
///   x, core_distances, labels, births  of the fit
Tensor hdbscan_labels(const Tensor& queries, const Tensor& x, const Tensor& core_distances, const Tensor& labels,
                      const Tensor& births, int64_t min_points);

}  // namespace cleave::classical
