// One tensor as a NumPy file (format 1.0).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "cleave/base/tensor.h"

namespace cleave {

/// How these files name a type: "<f4". Throws ArgumentError for types that save_npy does not write.
const char* npy_type(at::ScalarType type);

/// What stands in a file before the values, in C order, of an array of that type and shape; its length is a multiple
/// of 64 bytes.
std::string npy_header(std::string_view type, at::IntArrayRef shape);

/// Writes the file atomically, in C order. float32, float64, int64, int32, int8, uint8 and bool; throws ArgumentError
/// for other types, RunError when it cannot be written.
void save_npy(const std::filesystem::path& path, const Tensor& tensor);

}  // namespace cleave
