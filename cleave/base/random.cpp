#include "cleave/base/random.h"

#include <ATen/CPUGeneratorImpl.h>

namespace cleave {

namespace {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

uint64_t Randomness::bits(std::string_view name, uint64_t counter) const {
  uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a over the name
  for (unsigned char c : name) hash = (hash ^ c) * 0x100000001b3ULL;
  return mix(mix(mix(seed_) ^ hash) ^ counter);
}

at::Generator Randomness::stream(std::string_view name, uint64_t counter) const {
  return at::detail::createCPUGenerator(bits(name, counter));
}

}  // namespace cleave
