#include "cleave/classical/umap_positions.h"

#include <algorithm>
#include <cmath>

namespace cleave::classical {

namespace {

int64_t padded(int64_t dimensions) {
  return dimensions <= 2 ? 2 : (dimensions + 3) / 4 * 4;
}

}  // namespace

Tensor widened(const Tensor& map) {
  Tensor wide = at::zeros({map.size(0), padded(map.size(1))}, at::kFloat);
  wide.slice(1, 0, map.size(1)).copy_(map);
  return wide;
}

uint32_t rate_of(float weight, float largest) {
  double rate = std::ldexp(static_cast<double>(weight) / static_cast<double>(largest), 32);
  return static_cast<uint32_t>(std::min(rate, 4294967295.0));
}

}  // namespace cleave::classical
