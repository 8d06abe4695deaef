#include "cleave/classical/tsne.h"

#include <cmath>

#include "cleave/classical/lanes.h"

namespace cleave::classical {

MapCost tsne_cost(Affinities affinities, int64_t dimensions, Approximation approximation) {
  std::shared_ptr<RepulsiveField> field = make_field(approximation, affinities.size(), dimensions);
  return [p = std::move(affinities), field](const Tensor& y, double exaggeration, bool with_cost) {
    check_map(p, y);
    field->set_sources(y);
    Repulsion repulsion = field->at(y);
    double total = ordered_sum(repulsion.totals) - static_cast<double>(p.size());
    CostAndGradient result;
    result.gradient = net_force(Kernel::kCauchy, p.joint, y, y, 4 * exaggeration, repulsion.forces, 4 / total);
    if (with_cost) result.cost = cross_energy(Kernel::kCauchy, p.joint, y) + std::log(total) - p.entropy;
    return result;
  };
}

}  // namespace cleave::classical
