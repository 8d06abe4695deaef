// Files as bytes in memory, and bounded reading from them: what every reader starts from.
//
// A reader is a function of bytes and a name for its messages, so that it can be tested and fuzzed without files. It
// never allocates more than its input can justify.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cleave/base/error.h"

namespace cleave::data {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// The most bytes that `compressed` bytes may decompress to: 100 times as many, and 256 MiB in any case. Real data
/// stays below it; a decompression bomb (1000 times as many) ends in an error.
uint64_t decompressed_limit(uint64_t compressed);

/// A whole file as it is. Throws DataError when it is absent, a folder, empty or unreadable.
Bytes read_file(const std::filesystem::path& path);

/// A whole file, decompressed when it begins as gzip does, whatever its name.
/// Throws DataError as read_file and gunzip do.
Bytes read_decompressed(const std::filesystem::path& path);

/// True when the bytes begin as a gzip file does.
bool is_gzip(ByteView bytes);

/// The content of a gzip file, of several members when it has several, at most `limit` bytes (0: decompressed_limit).
/// Throws DataError when it is damaged, truncated or larger than the limit.
Bytes gunzip(ByteView compressed, const std::string& name, uint64_t limit = 0);

/// The content of a raw deflate stream, which must be exactly `size` bytes. Throws DataError otherwise.
Bytes inflate_raw(ByteView compressed, uint64_t size, const std::string& name);

/// The content of a zlib stream, at most `limit` bytes. Throws DataError when it is damaged, truncated or larger.
Bytes inflate_zlib(ByteView compressed, uint64_t limit, const std::string& name);

/// The product of sizes. Throws DataError when one is negative or the product passes 2^62.
int64_t checked_product(std::span<const int64_t> sizes, const std::string& name);

/// A position in bytes from which numbers are taken one after another; taking past the end throws DataError.
class Cursor {
 public:
  Cursor(ByteView bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  uint64_t position() const { return position_; }
  uint64_t remaining() const { return bytes_.size() - position_; }

  /// The next `count` bytes.
  ByteView take(uint64_t count) {
    require<DataError>(count <= remaining(), "{}: truncated: {} bytes needed at byte {}, {} left", name_, count,
                       position_, remaining());
    position_ += count;
    return bytes_.subspan(position_ - count, count);
  }

  /// Moves to a byte counted from the beginning.
  void seek(uint64_t position) {
    require<DataError>(position <= bytes_.size(), "{}: truncated: byte {} needed, {} there", name_, position,
                       bytes_.size());
    position_ = position;
  }

  /// The next number, stored with the least significant byte first.
  template <class T>
  T little() {
    static_assert(std::endian::native == std::endian::little);
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  /// The next number, stored with the most significant byte first.
  template <class T>
  T big() {
    uint8_t reversed[sizeof(T)];
    ByteView stored = take(sizeof(T));
    for (size_t i = 0; i < sizeof(T); ++i)
      reversed[i] = stored[sizeof(T) - 1 - i];
    T value;
    std::memcpy(&value, reversed, sizeof(T));
    return value;
  }

 private:
  ByteView bytes_;
  std::string name_;
  uint64_t position_ = 0;
};

}  // namespace cleave::data
