#include "apps/cli/engine/machine.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <dlfcn.h>
#include <sched.h>
#include <unistd.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include "cleave/base/text.h"

namespace cleave::cli {

namespace {

/// What follows the colon in the first line of a file that starts with `key`.
std::string value_in(const char* file, const std::string& key) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    size_t colon = line.find(':');
    if (line.rfind(key, 0) == 0 && colon != std::string::npos) return std::string(trim(line.substr(colon + 1)));
  }
  return {};
}

uint64_t kibibytes_in_meminfo(const std::string& key) {
  std::string text = value_in("/proc/meminfo", key);
  return text.empty() ? 0 : std::stoull(text) * 1024;
}

std::vector<std::string> features_in(const std::string& flags) {
  std::vector<std::string> all = split(flags, ' ');
  std::vector<std::string> found;
  for (const char* wanted : {"avx2", "avx512f", "avx512_bf16", "amx_bf16"}) {
    if (std::find(all.begin(), all.end(), wanted) != all.end()) found.emplace_back(wanted);
  }
  return found;
}

int64_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

/// The first word of a control-group file as a number; 0 for "max" or an absent file.
double control_group(const char* file, double* second = nullptr) {
  std::ifstream stream(file);
  double first = 0;
  if (!(stream >> first)) return 0;
  if (second != nullptr) stream >> *second;
  return first;
}

double core_quota() {
  double period = 0;
  double quota = control_group("/sys/fs/cgroup/cpu.max", &period);
  return period > 0 ? quota / period : 0;
}

/// Billions of floating-point operations per second of a product of two [n, n] matrices, the best within `seconds`.
double gflops(at::ScalarType type, int64_t n, double seconds) {
  using Clock = std::chrono::steady_clock;
  at::Tensor a = at::ones({n, n}, type), b = at::ones({n, n}, type);
  at::mm(a, b);  // the first call chooses a kernel
  double best = 1e9, total = 0;
  while (total < seconds) {
    auto start = Clock::now();
    at::mm(a, b);
    double taken = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::min(best, taken);
    total += taken;
  }
  return 2.0 * static_cast<double>(n * n * n) / best / 1e9;
}

std::string blas_name() {
  std::string config = at::show_config();
  size_t at = config.find("BLAS_INFO=");
  if (at == std::string::npos) return at::hasMKL() ? "mkl" : "unknown";
  return config.substr(at + 10, config.find(',', at) - at - 10);
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.processor = value_in("/proc/cpuinfo", "model name");
  machine.features = features_in(value_in("/proc/cpuinfo", "flags"));
  machine.cores = usable_cores();
  machine.core_quota = core_quota();
  machine.memory = kibibytes_in_meminfo("MemTotal");
  machine.memory_free = kibibytes_in_meminfo("MemAvailable");
  double limit = control_group("/sys/fs/cgroup/memory.max");
  if (limit > 0 && limit < static_cast<double>(machine.memory)) {
    double free = std::max(0.0, limit - control_group("/sys/fs/cgroup/memory.current"));
    machine.memory = static_cast<uint64_t>(limit);
    machine.memory_free = std::min(machine.memory_free, static_cast<uint64_t>(free));
  }
  std::error_code ignored;
  machine.disk_free = std::filesystem::space(".", ignored).available;
  machine.folder_writable = access(".", W_OK) == 0;
  return machine;
}

Arithmetic measure_arithmetic() {
  Arithmetic result;
  result.torch_version = TORCH_VERSION;
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&at::get_num_threads), &info) != 0) result.torch_path = info.dli_fname;
  result.blas = blas_name();
  result.threads = at::get_num_threads();
  result.float32_gflops = gflops(at::kFloat, 1024, 0.4);
  result.bfloat16_gflops = gflops(at::kBFloat16, 512, 0.3);
  return result;
}

}  // namespace cleave::cli
