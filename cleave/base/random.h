// Randomness as a pure function of (seed, stream name, counter).
//
// Nothing keeps a generator alive between steps, so there is no generator state to save: a run resumed at step k draws
// exactly what the uninterrupted run drew at step k, and drawing from one stream never moves another.
#pragma once

#include <cstdint>
#include <string_view>

#include <ATen/core/Generator.h>

namespace cleave {

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
inline uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// SplitMix64: random words from a key, cheap enough for one per pixel. The same on every machine.
class Sequence {
 public:
  explicit Sequence(uint64_t key) : state_(key) {}
  uint64_t next() {
    uint64_t word = mix(state_);
    state_ += 0x9e3779b97f4a7c15ULL;
    return word;
  }
  /// In [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  uint64_t state_;
};

class Randomness {
 public:
  explicit Randomness(uint64_t seed) : seed_(seed) {}
  uint64_t seed() const { return seed_; }

  /// 64 well-mixed bits for (seed, name, counter). The same on every machine.
  uint64_t bits(std::string_view name, uint64_t counter = 0) const;

  /// A fresh CPU generator for (seed, name, counter), for at::randn and its kin.
  at::Generator stream(std::string_view name, uint64_t counter = 0) const;

  /// An independent source for a part of the work: every stream of it differs from every stream of its parent.
  Randomness child(std::string_view name, uint64_t counter = 0) const { return Randomness(bits(name, counter)); }

 private:
  uint64_t seed_;
};

}  // namespace cleave
