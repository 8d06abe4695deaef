#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <cstring>

namespace cleave::fuzz {
namespace {

constexpr size_t kMostBytes = 1 << 16;

void flip_bit(Bytes& file, Dice& dice) {
  if (!file.empty()) file[dice.below(file.size())] ^= static_cast<uint8_t>(1u << dice.below(8));
}

void set_byte(Bytes& file, Dice& dice) {
  constexpr uint8_t kValues[] = {0, 1, 0x7f, 0x80, 0xff, '\n', ' ', '-', '9', ',', '"'};
  if (!file.empty()) file[dice.below(file.size())] = kValues[dice.below(std::size(kValues))];
}

/// Overwrites 1 to 8 bytes with a number that is likely to hurt as a size or an offset, in either byte order.
void edit_length(Bytes& file, Dice& dice) {
  const uint64_t kValues[] = {0,
                              1,
                              2,
                              0x7f,
                              0xff,
                              0xffff,
                              0x7fffffff,
                              0x80000000,
                              0xffffffff,
                              1000000000,
                              uint64_t{1} << 40,
                              uint64_t{1} << 63,
                              ~0ull,
                              file.size(),
                              file.size() + 1,
                              file.size() - 1};
  const uint64_t value = kValues[dice.below(std::size(kValues))];
  const size_t width = size_t{1} << dice.below(4);
  if (file.size() < width) return;
  const size_t at = dice.below(file.size() - width + 1);
  const bool big_endian = dice.below(2) == 1;
  for (size_t i = 0; i < width; ++i) {
    file[at + i] = static_cast<uint8_t>(value >> 8 * (big_endian ? width - 1 - i : i));
  }
}

/// Replaces or inserts words that numbers in text are mistaken for.
void write_word(Bytes& file, Dice& dice) {
  constexpr const char* kWords[] = {"9999999999", "99999999999999999999999",
                                    "-1",         "nan",
                                    "inf",        "1e39",
                                    "0x1p5",      "\n",
                                    "\"",         "",
                                    "1 ",         ",,",
                                    "'",          "(",
                                    "\xff\xfe"};
  const char* word = kWords[dice.below(std::size(kWords))];
  const size_t at = dice.below(file.size() + 1);
  const size_t replaced = std::min(dice.below(4), file.size() - at);
  auto place =
      file.erase(file.begin() + static_cast<ptrdiff_t>(at), file.begin() + static_cast<ptrdiff_t>(at + replaced));
  file.insert(place, word, word + std::strlen(word));
}

void truncate(Bytes& file, Dice& dice) {
  file.resize(dice.below(file.size() + 1));
}

/// A block copied to another place: over what is there, or between.
void copy_block(Bytes& file, Dice& dice) {
  const size_t from = dice.below(file.size()), to = dice.below(file.size());
  Bytes block(file.begin() + static_cast<ptrdiff_t>(from), file.end());
  block.resize(std::min<size_t>(block.size(), 1 + dice.below(64)));
  if (dice.below(2) == 0) {
    file.insert(file.begin() + static_cast<ptrdiff_t>(to), block.begin(), block.end());
  } else {
    std::copy_n(block.begin(), std::min(block.size(), file.size() - to), file.begin() + static_cast<ptrdiff_t>(to));
  }
}

void remove_block(Bytes& file, Dice& dice) {
  const size_t from = dice.below(file.size());
  const size_t size = std::min(file.size() - from, 1 + dice.below(64));
  file.erase(file.begin() + static_cast<ptrdiff_t>(from), file.begin() + static_cast<ptrdiff_t>(from + size));
}

}  // namespace

Bytes mutated(const Target& target, Dice& dice) {
  auto any_seed = [&]() -> const Bytes& { return target.seeds[dice.below(target.seeds.size())]; };
  using Wound = void (*)(Bytes&, Dice&);
  constexpr Wound kWounds[] = {flip_bit,   set_byte, edit_length, edit_length, edit_length,
                               write_word, truncate, copy_block,  remove_block};
  Bytes file = any_seed();
  if (dice.below(8) == 0) {  // the end of another file
    const Bytes& other = any_seed();
    file.resize(dice.below(file.size() + 1));
    file.insert(file.end(), other.begin() + static_cast<ptrdiff_t>(dice.below(other.size())), other.end());
  }
  for (size_t wounds = 1 + dice.below(4); wounds > 0 && !file.empty(); --wounds) {
    kWounds[dice.below(std::size(kWounds))](file, dice);
  }
  if (file.size() > kMostBytes) file.resize(kMostBytes);
  if (target.repair && dice.below(4) != 0) target.repair(file);
  return file;
}

}  // namespace cleave::fuzz
