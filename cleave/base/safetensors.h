// Tensors in a file, in the safetensors format: an 8-byte header length, a JSON header, the bytes.
//
// Written so that equal content gives equal bytes; read so strictly that every byte of the file has exactly one
// meaning. Types: float32, float64, bfloat16, int64, int32, int8, uint8, bool.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "cleave/base/tensor.h"

namespace cleave {

/// What a file holds: tensors by name, and short texts about them.
struct TensorFile {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Writes the file atomically (see files.h). Throws RunError naming path and reason, ArgumentError for an undefined
/// tensor or a type that the format of this project does not have.
void save_tensors(const std::filesystem::path& path, const TensorFile& content);

enum class Writer {
  kCleave,  ///< a file without our checksum is damaged
  kAny,     ///< the checksum is verified where there is one
};

/// Reads a file back, bit for bit. Throws CorruptFileError that says what is wrong and where: a header longer than the
/// file or than 100 000 000 bytes, a duplicate key, bytes between or beyond the tensors, a shape that does not fill its
/// span, an unknown type, content without the checksum that was written with it. Never allocates more than a small
/// multiple of the file's size.
TensorFile load_tensors(const std::filesystem::path& path, Writer writer = Writer::kCleave);

}  // namespace cleave
