// What a map of points is judged by: how far the nearness of its points is from the affinities of the examples.
//
// Axes    N points, D = 1 to 3 dimensions of the map.
#pragma once

#include <functional>
#include <limits>

#include "cleave/base/tensor.h"
#include "cleave/classical/affinities.h"
#include "cleave/classical/repulsion.h"

namespace cleave::classical {

struct CostAndGradient {
  double cost = std::numeric_limits<double>::quiet_NaN();  ///< nats; NaN where it was not asked for
  Tensor gradient;                                         ///< [N, D], d cost / d y
};

/// How a map y [N, D] is asked for its cost. With an `exaggeration` the gradient is that of affinities multiplied by
/// it; the cost is always that of the affinities as they are, and computed only `with_cost`.
using MapCost = std::function<CostAndGradient(const Tensor& y, double exaggeration, bool with_cost)>;

/// pull * sum_j p_ij w(d_ij) (t_i - y_j) - push * forces_i, [B, D]: how the points y attract the points t [B, D], which
/// may be y itself, less how they repel them. w of the Cauchy kernel is 1 / (1 + d^2), of the Gaussian 1.
/// p has B rows, and columns that are rows of y; forces [B, D].
Tensor net_force(Kernel kernel, const SparseRows& p, const Tensor& t, const Tensor& y, double pull,
                 const Tensor& forces, double push);

/// sum_ij p_ij (-log k(d_ij)), nats, with the kernels of repulsion.h.
double cross_energy(Kernel kernel, const SparseRows& p, const Tensor& y);

/// Throws ArgumentError unless y is [N, D] of floating point with the affinities' N and type.
void check_map(const Affinities& p, const Tensor& y);

}  // namespace cleave::classical
