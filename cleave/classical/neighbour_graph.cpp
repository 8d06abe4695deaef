#include "cleave/classical/neighbour_graph.h"

namespace cleave::classical {

Neighbours nearest_others(const Tensor& x, int64_t k, const Randomness&, const ShouldStop& should_stop) {
  return nearest(x, x, k, /*leave_self_out=*/true, should_stop);
}

}  // namespace cleave::classical
