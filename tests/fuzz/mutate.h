// Damage, done to files on purpose and the same way every time.
#pragma once

#include <cstdint>

#include "tests/fuzz/targets.h"

namespace cleave::fuzz {

/// A stream of random numbers that is the same on every machine (splitmix64).
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  /// A number in [0, bound); 0 when the bound is 0.
  size_t below(size_t bound) { return bound == 0 ? 0 : static_cast<size_t>(next() % bound); }

 private:
  uint64_t state_;
};

/// One of the target's files with one to four wounds: flipped bits, edited lengths, text where a number was, cut, moved
/// and repeated blocks, the end of another file.
Bytes mutated(const Target& target, Dice& dice);

}  // namespace cleave::fuzz
