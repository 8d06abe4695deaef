// Entry of libFuzzer: the first byte chooses the reader, the rest is its file.
#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto& targets = cleave::fuzz::targets();
  if (size > 0) cleave::fuzz::attack(targets[bytes[0] % targets.size()], {bytes + 1, size - 1});
  return 0;
}
