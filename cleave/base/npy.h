// One tensor as a NumPy file (format 1.0).
#pragma once

#include <filesystem>

#include "cleave/base/tensor.h"

namespace cleave {

/// Writes the file atomically, in C order. float32, float64, int64, int32, int8, uint8 and bool; throws ArgumentError
/// for other types, RunError when it cannot be written.
void save_npy(const std::filesystem::path& path, const Tensor& tensor);

}  // namespace cleave
