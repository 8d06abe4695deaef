#include "cleave/classical/sne.h"

#include <cmath>

#include "cleave/base/error.h"
#include "cleave/classical/lanes.h"

namespace cleave::classical {

MapCost sne_cost(Affinities affinities) {
  return [p = std::move(affinities)](const Tensor& y, double exaggeration, bool with_cost) {
    check_map(p, y);
    const auto n = static_cast<double>(p.size());
    Repulsion own = exact_repulsion(Kernel::kGaussian, y, y, {}, /*leave_self_out=*/true);
    Tensor shares = own.totals.reciprocal();
    Repulsion others = exact_repulsion(Kernel::kGaussian, y, y, shares, /*leave_self_out=*/true);
    Tensor repulsion = own.forces * shares.unsqueeze(1).to(y.scalar_type()) + others.forces;
    CostAndGradient result;  // p_{j|i} + p_{i|j} = 2 N p_ij
    result.gradient = net_force(Kernel::kGaussian, p.joint, y, y, 4 * n * exaggeration, repulsion, 2);
    if (with_cost)
      result.cost = n * (cross_energy(Kernel::kGaussian, p.joint, y) - p.row_entropy) + ordered_sum(own.totals.log());
    return result;
  };
}

MapCost symmetric_sne_cost(Affinities affinities) {
  return [p = std::move(affinities)](const Tensor& y, double exaggeration, bool with_cost) {
    check_map(p, y);
    Repulsion own = exact_repulsion(Kernel::kGaussian, y, y, {}, /*leave_self_out=*/true);
    double total = ordered_sum(own.totals);
    CostAndGradient result;
    result.gradient = net_force(Kernel::kGaussian, p.joint, y, y, 4 * exaggeration, own.forces, 4 / total);
    if (with_cost) result.cost = cross_energy(Kernel::kGaussian, p.joint, y) + std::log(total) - p.entropy;
    return result;
  };
}

void check_exact_size(int64_t examples, const char* who) {
  constexpr int64_t kMost = 20000;
  require<ArgumentError>(examples <= kMost,
                         "{} goes over all pairs in each iteration, which is for at most {} examples, not {}: use tsne",
                         who, kMost, examples);
}

}  // namespace cleave::classical
