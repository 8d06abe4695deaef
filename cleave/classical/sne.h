// SNE and symmetric SNE: maps whose points are near one another under Gaussians of fixed width. Exact, O(N^2).
//
// Source  Hinton, Roweis. Stochastic neighbor embedding. NIPS 2002.
//         van der Maaten, Hinton. Visualizing data using t-SNE. JMLR 2008, section 3.1 (symmetric SNE).
// Axes    N points, D = 1 to 3 dimensions of the map.
#pragma once

#include "cleave/classical/map_cost.h"

namespace cleave::classical {

/// sum_i KL(P_i | Q_i) with q_{j|i} = exp(-|y_i - y_j|^2) / sum_{l != i} exp(-|y_i - y_l|^2), and its gradient
/// 2 sum_j (p_{j|i} - q_{j|i} + p_{i|j} - q_{i|j}) (y_i - y_j).
MapCost sne_cost(Affinities p);

/// KL(P | Q) with q_ij = exp(-|y_i - y_j|^2) / sum_{k != l} exp(-|y_k - y_l|^2), and its gradient
/// 4 sum_j (p_ij - q_ij) (y_i - y_j).
MapCost symmetric_sne_cost(Affinities p);

/// Throws ArgumentError, which names t-SNE, when all pairs of so many examples would take hours.
void check_exact_size(int64_t examples, const char* who);

}  // namespace cleave::classical
