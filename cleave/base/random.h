// Randomness as a pure function of (seed, stream name, counter).
//
// Nothing keeps a generator alive between steps, so there is no generator state to save: a run resumed at step k draws
// exactly what the uninterrupted run drew at step k, and drawing from one stream never moves another.
#pragma once

#include <cstdint>
#include <string_view>

#include <ATen/core/Generator.h>

namespace cleave {

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
