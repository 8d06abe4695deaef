#include "cleave/classical/tsne.h"

#include <cmath>

#include "cleave/classical/lanes.h"

namespace cleave::classical {

namespace {

// From so many points on a map no longer fits into the fast memory of one core, and it pays to have near points near
// one another in memory.
constexpr int64_t kLargeMap = 100'000;

}  // namespace

MapCost tsne_cost(Affinities affinities, int64_t dimensions, Approximation approximation) {
  std::shared_ptr<RepulsiveField> field = make_field(approximation, affinities.size(), dimensions);
  Tensor order;
  if (affinities.size() >= kLargeMap) {
    order = neighbourly_order(affinities.joint);
    affinities.joint = reordered(affinities.joint, order);
  }
  return [p = std::move(affinities), field, order](const Tensor& map, double exaggeration, bool with_cost) {
    check_map(p, map);
    const Tensor y = order.defined() ? map.index_select(0, order) : map;
    field->set_sources(y);
    Repulsion repulsion = field->at(y);
    double total = ordered_sum(repulsion.totals) - static_cast<double>(p.size());
    CostAndGradient result;
    result.gradient = net_force(Kernel::kCauchy, p.joint, y, y, 4 * exaggeration, repulsion.forces, 4 / total);
    if (order.defined()) result.gradient = at::empty_like(y).index_copy_(0, order, result.gradient);
    if (with_cost) result.cost = cross_energy(Kernel::kCauchy, p.joint, y) + std::log(total) - p.entropy;
    return result;
  };
}

}  // namespace cleave::classical
