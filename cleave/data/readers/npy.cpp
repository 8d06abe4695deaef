#include "cleave/data/readers/npy.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "cleave/base/text.h"
#include "cleave/data/readers/arrays.h"
#include "cleave/data/readers/idx.h"

namespace cleave::data {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr uint64_t kLargestHeader = 1 << 20;

/// The header of an npy file: a Python dictionary as text, {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
struct NpyHeader {
  std::endian order = std::endian::native;
  char kind = 0;      // b bool, i signed, u unsigned, f float, U text of 32-bit characters, S of bytes
  int64_t width = 0;  // bytes per element; characters for U
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

/// What follows `'key':` in the dictionary.
std::string_view value_of(std::string_view text, std::string_view key, const std::string& name) {
  size_t at = text.find(fmt::format("'{}':", key));
  require<DataError>(at != std::string_view::npos, "{}: the npy header has no '{}'", name, key);
  return trim(text.substr(at + key.size() + 3));
}

int64_t parse_size(std::string_view text, const std::string& name) {
  text = trim(text);
  int64_t size = -1;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  bool valid = error == std::errc() && size >= 0 && trim(text.substr(end - text.data())).empty();
  require<DataError>(valid, "{}: the npy header has a size of '{}'", name, text);
  return size;
}

void parse_type(std::string_view descr, NpyHeader& header, const std::string& name) {
  require<DataError>(descr.starts_with('\''), "{}: holds records with named fields; save a plain array", name);
  descr = descr.substr(1, descr.find('\'', 1) - 1);
  require<DataError>(descr.find('O') == std::string_view::npos,
                     "{}: holds pickled Python objects, which are never read; save an array of numbers", name);
  bool known = descr.size() >= 3 && std::string_view("<>|=").find(descr[0]) != std::string_view::npos &&
               std::string_view("biufUS").find(descr[1]) != std::string_view::npos;
  require<DataError>(known, "{}: element type '{}' cannot be read; save numbers or text", name, descr);
  header.order = descr[0] == '>' ? std::endian::big : std::endian::little;
  header.kind = descr[1];
  header.width = parse_size(descr.substr(2), name);
}

NpyHeader parse_header(std::string_view text, const std::string& name) {
  NpyHeader header;
  parse_type(value_of(text, "descr", name), header, name);
  header.fortran_order = value_of(text, "fortran_order", name).starts_with("True");
  std::string_view shape = value_of(text, "shape", name);
  size_t close = shape.find(')');
  require<DataError>(shape.starts_with('(') && close != std::string_view::npos, "{}: the npy header has no shape",
                     name);
  for (const std::string& size : split(shape.substr(1, close - 1), ',')) {
    if (!trim(size).empty()) header.shape.push_back(parse_size(size, name));
  }
  return header;
}

NpyHeader take_header(Cursor& cursor) {
  const std::string& name = cursor.name();
  require<DataError>(as_text(cursor.take(kMagic.size())) == kMagic, "{}: not an npy file", name);
  auto version = cursor.little<uint8_t>();
  cursor.take(1);
  require<DataError>(version >= 1 && version <= 3, "{}: npy version {}; 1 to 3 can be read", name, version);
  uint64_t length = version == 1 ? cursor.little<uint16_t>() : cursor.little<uint32_t>();
  require<DataError>(length <= kLargestHeader, "{}: an npy header of {}", name, byte_count(length));
  return parse_header(as_text(cursor.take(length)), name);
}

/// The type in which torch holds the bits of an element.
at::ScalarType bits_type(const NpyHeader& header, const std::string& name) {
  bool floats = header.kind == 'f';
  if (header.kind == 'b' && header.width == 1) return at::kBool;
  switch (header.width) {
    case 1:
      if (!floats) return header.kind == 'u' ? at::kByte : at::kChar;
      break;
    case 2:
      return floats ? at::kHalf : at::kShort;
    case 4:
      return floats ? at::kFloat : at::kInt;
    case 8:
      return floats ? at::kDouble : at::kLong;
  }
  throw DataError(fmt::format("{}: elements of type {}{} cannot be read", name, header.kind, header.width));
}

/// Unsigned numbers, read as signed ones of the same width, as they were meant.
Tensor unsigned_numbers(const Tensor& bits, const std::string& name) {
  if (bits.scalar_type() == at::kShort) return bits.to(at::kInt).bitwise_and(0xffff);
  if (bits.scalar_type() == at::kInt) return bits.to(at::kLong).bitwise_and(int64_t{0xffffffff});
  bool fits = bits.scalar_type() != at::kLong || bits.ge(0).all().item<bool>();
  require<DataError>(fits, "{}: a number passes 2^63", name);
  return bits;
}

void append_utf8(std::string& text, uint32_t c) {
  auto put = [&](uint32_t byte) { text += static_cast<char>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0 | c >> 6);
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3f));
  } else {
    put(0xf0 | (c >> 18 & 7));
    put(0x80 | (c >> 12 & 0x3f));
    put(0x80 | (c >> 6 & 0x3f));
  }
  put(0x80 | (c & 0x3f));
}

std::vector<std::string> take_words(Cursor& cursor, const NpyHeader& header, int64_t count) {
  std::vector<std::string> words(static_cast<size_t>(count));
  for (std::string& word : words) {
    for (int64_t i = 0; i < header.width; ++i) {
      uint32_t c = header.kind == 'S'                    ? cursor.little<uint8_t>()
                   : header.order == std::endian::little ? cursor.little<uint32_t>()
                                                         : cursor.big<uint32_t>();
      if (c == 0) continue;  // padding
      if (header.kind == 'S')
        word += static_cast<char>(c);
      else
        append_utf8(word, c);
    }
    word = in_utf8(word);  // of bytes, or with half a pair of 16-bit characters
  }
  return words;
}

}  // namespace

NpyArray read_npy_array(ByteView bytes, const std::string& name) {
  Cursor cursor(bytes, name);
  NpyHeader header = take_header(cursor);
  bool words = header.kind == 'U' || header.kind == 'S';
  at::ScalarType type = words ? at::kByte : bits_type(header, name);
  int64_t count = checked_product(header.shape, name);
  int64_t needed = checked_product(std::vector<int64_t>{count, header.width, header.kind == 'U' ? 4 : 1}, name);
  require<DataError>(cursor.remaining() == static_cast<uint64_t>(needed),
                     "{}: {}: its header announces {} bytes of values, {} are there", name,
                     cursor.remaining() < static_cast<uint64_t>(needed) ? "truncated" : "too long", needed,
                     cursor.remaining());
  NpyArray array{.shape = header.shape, .numbers = {}, .words = {}};
  if (words) {
    // An element of no characters takes no bytes, so that the file does not bound their number.
    require<DataError>(header.width > 0 || count <= static_cast<int64_t>(bytes.size()), "{}: empty words only", name);
    array.words = take_words(cursor, header, count);
    return array;
  }
  std::vector<int64_t> stored = header.shape;
  if (header.fortran_order) std::reverse(stored.begin(), stored.end());
  array.numbers = from_bytes(cursor.take(needed), type, stored, header.order);
  std::vector<int64_t> axes(stored.size());
  std::iota(axes.rbegin(), axes.rend(), 0);
  if (header.fortran_order) array.numbers = array.numbers.permute(axes).contiguous();
  if (header.kind == 'u') array.numbers = unsigned_numbers(array.numbers, name);
  return array;
}

Dataset read_npy(ByteView bytes, const std::string& name) {
  NpyArray array = read_npy_array(bytes, name);
  require<DataError>(!array.is_words(), "{}: holds text; examples are numbers", name);
  return dataset_of_array(array.numbers, name);
}

}  // namespace cleave::data
