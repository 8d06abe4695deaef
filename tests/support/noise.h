// Data without structure, for tests of classical methods.
#pragma once

#include <vector>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"

namespace cleave::tests {

/// Standard normal numbers of the given shape.
inline Tensor noise(const std::vector<int64_t>& shape, uint64_t seed = 1, at::ScalarType type = at::kDouble) {
  return at::randn(shape, Randomness(seed).stream("test"), type);
}

}  // namespace cleave::tests
