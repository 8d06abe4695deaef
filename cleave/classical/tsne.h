// t-SNE: a map whose points are near one another under the heavy tails of a Cauchy kernel.
//
// Source  van der Maaten, Hinton. Visualizing data using t-SNE. JMLR 2008.
// Axes    N points, D = 1 to 3 dimensions of the map.
#pragma once

#include "cleave/classical/map_cost.h"

namespace cleave::classical {

/// KL(P | Q) with q_ij = k_ij / sum_{k != l} k_kl, k_ij = 1 / (1 + |y_i - y_j|^2), and its gradient
/// 4 sum_j (p_ij - q_ij) k_ij (y_i - y_j). The sums over all pairs are approximated as asked.
/// Throws ArgumentError when the approximation cannot do D dimensions. Not to be called by two threads at once.
MapCost tsne_cost(Affinities p, int64_t dimensions, Approximation approximation = Approximation::kAuto);

}  // namespace cleave::classical
