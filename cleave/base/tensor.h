// The one value type of the library.
#pragma once

#include <ATen/ATen.h>

namespace cleave {

using at::Tensor;

}  // namespace cleave
