// `cleave doctor`: what this machine offers, and what is wrong with it.
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "apps/cli/engine/data_sets.h"
#include "apps/cli/engine/machine.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/base/text.h"
#include "cleave/base/version.h"
#include "cleave/training/config.h"

namespace cleave::cli::verbs {

namespace {

constexpr double kSlowGflopsPerThread = 5;  // a tuned library reaches ten times that on any processor with AVX2
constexpr uint64_t kLittleMemory = 2ull << 30;
constexpr uint64_t kLittleDisk = 1ull << 30;

bool has(const Machine& machine, const std::string& feature) {
  return std::find(machine.features.begin(), machine.features.end(), feature) != machine.features.end();
}

std::vector<std::string> problems_of(const Machine& machine, const Arithmetic& arithmetic, const std::string& data_root,
                                     bool asked_for) {
  std::vector<std::string> problems;
  auto check = [&](bool fine, const std::string& otherwise) {
    if (!fine) problems.push_back(otherwise);
  };
  double threads = static_cast<double>(arithmetic.threads);
  check(has(machine, "avx2"), "the processor has no AVX2: everything will be slow; use another machine for training");
  check(
      arithmetic.float32_gflops > kSlowGflopsPerThread * threads,
      fmt::format("matrix products reach only {:.1f} GFLOPS (BLAS: {}): libtorch seems to use a reference BLAS, or the "
                  "machine is busy; install OpenBLAS or the official libtorch",
                  arithmetic.float32_gflops, arithmetic.blas));
  check(arithmetic.threads <= machine.cores || machine.cores == 0,
        fmt::format("{} threads on {} cores slow each other down; pass --threads {}", arithmetic.threads, machine.cores,
                    machine.cores));
  check(machine.core_quota == 0 || threads <= machine.core_quota + 0.5,
        fmt::format("the container allows {:.1f} cores but {} threads would run; pass --threads {}", machine.core_quota,
                    arithmetic.threads, std::max(1, static_cast<int>(machine.core_quota))));
  check(machine.memory_free >= kLittleMemory,
        fmt::format("only {} of memory are free; close programs or use smaller data", byte_count(machine.memory_free)));
  check(machine.disk_free >= kLittleDisk,
        fmt::format("only {} are free on the disk of this folder; runs need room for checkpoints",
                    byte_count(machine.disk_free)));
  check(machine.folder_writable, "this folder cannot be written; name a run folder elsewhere with --out");
  bool there = std::filesystem::is_directory(data_root);
  check(there || !asked_for,  // the cache, which is the default, is made when needed
        fmt::format("the folder of data sets {} does not exist; correct CLEAVE_DATA or --data-root", data_root));
  check(!there || !sets_at_hand(data_root).empty(),
        fmt::format("no registered data set lies in {}; cleave data fetch NAME gets one", data_root));
  return problems;
}

Settings report(const Machine& machine, const Arithmetic& arithmetic, const std::string& data_root) {
  return {
      {"version", kVersion},
      {"commit", build_commit()},
      {"libtorch", {{"version", arithmetic.torch_version}, {"path", arithmetic.torch_path}, {"blas", arithmetic.blas}}},
      {"processor", {{"name", machine.processor}, {"features", machine.features}, {"cores", machine.cores}}},
      {"threads", arithmetic.threads},
      {"gflops", {{"float32", arithmetic.float32_gflops}, {"bfloat16", arithmetic.bfloat16_gflops}}},
      {"memory_bytes", {{"total", machine.memory}, {"free", machine.memory_free}}},
      {"disk_free_bytes", machine.disk_free},
      {"data_root", data_root},
      {"data_sets", sets_at_hand(data_root)}};
}

std::string page(const Machine& machine, const Arithmetic& arithmetic, const std::string& data_root) {
  std::string text;
  auto line = [&](const char* name, const std::string& value) { text += fmt::format("{:<11}{}\n", name, value); };
  line("cleave", fmt::format("{} ({})", kVersion, build_commit()));
  line("libtorch", fmt::format("{} from {}", arithmetic.torch_version, arithmetic.torch_path));
  line("BLAS", arithmetic.blas);
  line("processor", fmt::format("{}, {} cores, {}", machine.processor, machine.cores, join(machine.features, " ")));
  line("threads", std::to_string(arithmetic.threads));
  line("speed",
       fmt::format("{:.0f} GFLOPS float32, {:.1f} GFLOPS bfloat16: precision auto takes {}", arithmetic.float32_gflops,
                   arithmetic.bfloat16_gflops, training::TrainConfig{}.resolved().precision));
  line("memory", fmt::format("{} free of {}", byte_count(machine.memory_free), byte_count(machine.memory)));
  line("disk", fmt::format("{} free here", byte_count(machine.disk_free)));
  std::vector<std::string> sets = sets_at_hand(data_root);
  line("data", fmt::format("{}: {}", data_root, sets.empty() ? "none; drawn sets need none" : join(sets)));
  return text;
}

}  // namespace

void doctor(const Invocation& invocation, const Console& console) {
  auto data_root = invocation.data.at("data_root").get<std::string>();
  const bool asked_for = invocation.given.contains("data_root") || std::getenv("CLEAVE_DATA") != nullptr;
  Machine machine = this_machine();
  Arithmetic arithmetic = measure_arithmetic();
  std::vector<std::string> problems = problems_of(machine, arithmetic, data_root, asked_for);
  Settings result = report(machine, arithmetic, data_root);
  result["problems"] = problems;
  console.result(result);
  std::string text = page(machine, arithmetic, data_root) + "\n";
  for (const std::string& problem : problems)
    text += "problem    " + problem + "\n";
  console.print(text + (problems.empty() ? "Nothing is wrong." : fmt::format("{} to look at.", problems.size())));
}

}  // namespace cleave::cli::verbs
