// XXH3 checksums (xxHash 0.8): they find damage, not malice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace cleave {

/// XXH3-64 of `count` bytes.
uint64_t hash64(const void* bytes, size_t count);

/// XXH3-64 of bytes, as 16 hexadecimal digits.
std::string checksum64(std::string_view bytes);

/// XXH3-128 of bytes, as 32 hexadecimal digits.
std::string checksum128(std::string_view bytes);

/// XXH3-128 of a file's content, as 32 hexadecimal digits. Throws CorruptFileError when it cannot be read.
std::string file_checksum128(const std::filesystem::path& path);

/// XXH3 of bytes that come in pieces; the pieces' borders do not matter.
class Checksum {
 public:
  Checksum();
  ~Checksum();

  void update(std::string_view bytes);
  void update(const void* bytes, size_t count) { update({static_cast<const char*>(bytes), count}); }
  std::string digest64() const;   ///< 16 hexadecimal digits
  std::string digest128() const;  ///< 32 hexadecimal digits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cleave
