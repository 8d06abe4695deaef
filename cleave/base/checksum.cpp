#include "cleave/base/checksum.h"

#include <algorithm>
#include <cstddef>

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include "cleave/base/files.h"

namespace cleave {

namespace {

std::string digits(XXH64_hash_t hash) {
  return fmt::format("{:016x}", hash);
}
std::string digits(XXH128_hash_t hash) {
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace

// One state serves both widths: they differ in the digest only (xxhash.h, "128-bit streaming").
struct Checksum::State {
  XXH3_state_t xxh3;
};

Checksum::Checksum() : state_(std::make_unique<State>()) {
  XXH3_128bits_reset(&state_->xxh3);
}

Checksum::~Checksum() = default;

void Checksum::update(std::string_view bytes) {
  XXH3_128bits_update(&state_->xxh3, bytes.data(), bytes.size());
}

std::string Checksum::digest64() const {
  return digits(XXH3_64bits_digest(&state_->xxh3));
}
std::string Checksum::digest128() const {
  return digits(XXH3_128bits_digest(&state_->xxh3));
}

uint64_t hash64(const void* bytes, size_t count) {
  return XXH3_64bits(bytes, count);
}
std::string checksum64(std::string_view bytes) {
  return digits(hash64(bytes.data(), bytes.size()));
}
std::string checksum128(std::string_view bytes) {
  return digits(XXH3_128bits(bytes.data(), bytes.size()));
}

std::string file_checksum128(const std::filesystem::path& path) {
  InputFile file(path);
  Checksum checksum;
  std::string piece(std::min<uint64_t>(file.size(), 1 << 20), '\0');
  for (uint64_t offset = 0; offset < file.size(); offset += piece.size()) {
    piece.resize(std::min<uint64_t>(piece.size(), file.size() - offset));
    file.read(piece.data(), piece.size(), offset);
    checksum.update(piece);
  }
  return checksum.digest128();
}

}  // namespace cleave
