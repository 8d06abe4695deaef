// What the fit of a map and the placing of new examples have in common.
#pragma once

#include <cstdint>

#include "cleave/base/tensor.h"

namespace cleave::classical {

/// A map [N, D] with the rows that UmapMoves wants, [N, width].
Tensor widened(const Tensor& map);

/// How often an edge of this weight is drawn in an epoch where one of the `largest` is drawn once, in 2^-32.
uint32_t rate_of(float weight, float largest);

}  // namespace cleave::classical
