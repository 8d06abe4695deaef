// A function of examples, applied to a whole data set block by block.
#pragma once

#include <functional>

#include "cleave/base/tensor.h"
#include "cleave/data/view.h"

namespace cleave::model {

/// function(x [B, X]) -> [B, ...] over all examples of the view, in order, without gradients: [N, ...].
/// Blocks bound the memory; the result does not depend on them beyond rounding.
Tensor over_blocks(const data::View& view, const std::function<Tensor(const Tensor&)>& function);

}  // namespace cleave::model
