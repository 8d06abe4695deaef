#include "cleave/base/random.h"

#include <ATen/CPUGeneratorImpl.h>

namespace cleave {

uint64_t Randomness::bits(std::string_view name, uint64_t counter) const {
  uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a over the name
  for (unsigned char c : name)
    hash = (hash ^ c) * 0x100000001b3ULL;
  return mix(mix(mix(seed_) ^ hash) ^ counter);
}

at::Generator Randomness::stream(std::string_view name, uint64_t counter) const {
  return at::detail::createCPUGenerator(bits(name, counter));
}

}  // namespace cleave
