#include "cleave/data/readers/idx.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "cleave/data/readers/arrays.h"

namespace cleave::data {
namespace {

at::ScalarType element_type(uint8_t code, const std::string& name) {
  switch (code) {
    case 0x08:
      return at::kByte;
    case 0x09:
      return at::kChar;
    case 0x0b:
      return at::kShort;
    case 0x0c:
      return at::kInt;
    case 0x0d:
      return at::kFloat;
    case 0x0e:
      return at::kDouble;
    default:
      throw DataError(fmt::format("{}: not an idx file: element type {:#04x} is unknown", name, code));
  }
}

}  // namespace

Tensor read_idx_array(ByteView bytes, const std::string& name) {
  Cursor cursor(bytes, name);
  require<DataError>(cursor.big<uint16_t>() == 0, "{}: not an idx file: it does not begin with two zero bytes", name);
  at::ScalarType type = element_type(cursor.little<uint8_t>(), name);
  auto axes = cursor.little<uint8_t>();
  require<DataError>(axes >= 1 && axes <= 8, "{}: an idx file of {} axes; 1 to 8 can be read", name, axes);
  std::vector<int64_t> shape;
  for (int axis = 0; axis < axes; ++axis)
    shape.push_back(cursor.big<uint32_t>());
  int64_t count = checked_product(shape, name);
  uint64_t expected = static_cast<uint64_t>(count) * at::elementSize(type);
  require<DataError>(cursor.remaining() == expected, "{}: {}: shape {} needs {} bytes of values, {} are there", name,
                     cursor.remaining() < expected ? "truncated" : "too long", fmt::join(shape, " x "), expected,
                     cursor.remaining());
  return from_bytes(cursor.take(expected), type, shape, std::endian::big);
}

Tensor from_bytes(ByteView bytes, at::ScalarType type, const std::vector<int64_t>& shape, std::endian order) {
  Tensor result = at::empty(shape, type);
  auto* begin = static_cast<uint8_t*>(result.data_ptr());
  std::copy(bytes.begin(), bytes.end(), begin);
  const size_t width = at::elementSize(type);
  if (order != std::endian::native) {
    for (size_t i = 0; i < bytes.size(); i += width)
      std::reverse(begin + i, begin + i + width);
  }
  return result;
}

Dataset read_idx(ByteView bytes, const std::string& name) {
  return dataset_of_array(read_idx_array(bytes, name), name);
}

}  // namespace cleave::data
