// Small MATLAB 5 files made in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <zlib.h>

namespace cleave::tests {

class MatWriter {
 public:
  using Bytes = std::vector<uint8_t>;

  explicit MatWriter(bool big_endian = false) : big_endian_(big_endian), file_(124, ' ') {
    append_number(file_, uint16_t{0x0100});
    append_number(file_, uint16_t{0x4d49});  // "MI" as one number tells the byte order
  }

  /// An array of the class (6 double, 9 uint8, ..., flags in the higher bytes) whose values are stored as the element
  /// type (9 double, 2 uint8,
  /// ...), column by column.
  template <class T>
  void array(const std::string& name, uint32_t array_class, uint32_t element_type, const std::vector<int32_t>& sizes,
             const std::vector<T>& values, bool compressed = false) {
    Bytes matrix;
    Bytes flags, dimensions, data;
    append_number(flags, array_class);
    append_number(flags, uint32_t{0});
    for (int32_t size : sizes)
      append_number(dimensions, size);
    for (T value : values)
      append_number(data, value);
    append_element(matrix, 6, flags);
    append_element(matrix, 5, dimensions);
    append_element(matrix, 1, Bytes(name.begin(), name.end()));
    append_element(matrix, element_type, data);
    Bytes element;
    append_element(element, 14, matrix);
    if (compressed) element = compress(element);
    file_.insert(file_.end(), element.begin(), element.end());
  }

  const Bytes& bytes() const { return file_; }

 private:
  template <class T>
  void append_number(Bytes& to, T value) const {
    const auto* byte = reinterpret_cast<const uint8_t*>(&value);
    for (size_t i = 0; i < sizeof(T); ++i)
      to.push_back(byte[big_endian_ ? sizeof(T) - 1 - i : i]);
  }

  /// Small elements of up to four bytes, as MATLAB writes them.
  void append_element(Bytes& to, uint32_t type, const Bytes& content) const {
    const auto size = static_cast<uint32_t>(content.size());
    const bool small = size > 0 && size <= 4;
    if (small) {
      append_number(to, size << 16 | type);
    } else {
      append_number(to, type);
      append_number(to, size);
    }
    to.insert(to.end(), content.begin(), content.end());
    while (to.size() % (small ? 4 : 8) != 0)
      to.push_back(0);
  }

  Bytes compress(const Bytes& element) const {
    uLongf size = compressBound(element.size());
    Bytes packed(size);
    compress2(packed.data(), &size, element.data(), element.size(), 6);
    packed.resize(size);
    Bytes result;
    append_number(result, uint32_t{15});
    append_number(result, static_cast<uint32_t>(size));
    result.insert(result.end(), packed.begin(), packed.end());
    return result;
  }

  bool big_endian_;
  Bytes file_;
};

}  // namespace cleave::tests
