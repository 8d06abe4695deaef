// Facts about the machine that decide how fast and how large the work can be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cleave::cli {

struct Machine {
  std::string processor;
  std::vector<std::string> features;  ///< of those that matter here: avx2, avx512_bf16, amx_bf16
  int64_t cores = 0;                  ///< that this process may use
  double core_quota = 0;              ///< cores that the container allows; 0 without a limit
  uint64_t memory = 0;                ///< bytes; the container's limit where that is lower
  uint64_t memory_free = 0;           ///< bytes
  uint64_t disk_free = 0;             ///< bytes in the working folder
  bool folder_writable = false;       ///< the working folder
};

Machine this_machine();

struct Arithmetic {
  std::string torch_version;
  std::string torch_path;  ///< the library that was loaded
  std::string blas;        ///< "mkl", "open", "generic"
  int64_t threads = 0;
  double float32_gflops = 0;  ///< of a square product, best of a few
  double bfloat16_gflops = 0;
};

/// Asks libtorch, and times products for about a second.
Arithmetic measure_arithmetic();

}  // namespace cleave::cli
