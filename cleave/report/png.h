// Pixels to PNG bytes.
#pragma once

#include <string>

#include "cleave/base/tensor.h"

namespace cleave::report {

/// The PNG file of an image [C, H, W] uint8: C = 1 grey, 2 grey and opacity, 3 red green blue, 4 with opacity.
/// Throws ArgumentError for another shape or type.
std::string png(const Tensor& image);

}  // namespace cleave::report
