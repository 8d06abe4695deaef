// The idx format: two zero bytes, an element type, the number of axes, their lengths (32 bits, most significant byte
// first), then the values in row-major order, most significant byte first.
// Source: http://yann.lecun.com/exdb/mnist/
#pragma once

#include "cleave/data/dataset.h"
#include "cleave/data/readers/byte_source.h"

namespace cleave::data {

/// The array of an idx file, axes and type as stored. Throws DataError when damaged.
Tensor read_idx_array(ByteView bytes, const std::string& name);

/// An idx file as examples. Throws DataError when damaged.
Dataset read_idx(ByteView bytes, const std::string& name);

/// A tensor of `shape` with the values that `bytes` hold in row-major order: exactly as many as that takes, copied.
Tensor from_bytes(ByteView bytes, at::ScalarType type, const std::vector<int64_t>& shape, std::endian order);

}  // namespace cleave::data
