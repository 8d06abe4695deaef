// Feeds damaged files to every reader, the same ones every time:
//
//   readers_mutation [FILES [SEED]]     damaged files over all readers, by default $CLEAVE_MUTATIONS or 24000;
//                                       exit code 1 when one behaved badly
//   readers_mutation corpus FOLDER      writes the whole files, as starting points for libFuzzer
//
// Badly means: a crash, an exception that is not a cleave::Error, more than kMostSeconds of processor time, or an
// allocation beyond kMemoryBound. A crash or hang prints which file it was before the program ends.
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

#include "tests/fuzz/mutate.h"

namespace cleave::fuzz {
namespace {

constexpr uint64_t kMemoryBound = uint64_t{1} << 30;  // decompressed_limit of a small file, four times
constexpr double kMostSeconds = 1;
constexpr unsigned kHangSeconds = 60;

char current[128] = "";

void tell_and_die(int signal_number) {
  ssize_t ignored = write(STDERR_FILENO, current, std::strlen(current));
  static_cast<void>(ignored);
  std::signal(signal_number, SIG_DFL);
  raise(signal_number);
}

/// Limits what may be allocated from now on.
void bound_memory() {
  uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit bound{};
  getrlimit(RLIMIT_AS, &bound);
  bound.rlim_cur = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) + kMemoryBound;
  if (pages > 0) setrlimit(RLIMIT_AS, &bound);
}

/// Processor seconds of this process and the children that it has waited for.
double processor_seconds() {
  double total = 0;
  for (int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    for (timeval part : {usage.ru_utime, usage.ru_stime}) {
      total += static_cast<double>(part.tv_sec) + 1e-6 * static_cast<double>(part.tv_usec);
    }
  }
  return total;
}

/// Runs one damaged file; false, with a line on standard error, when a reader behaved badly.
bool survives(const Target& target, uint64_t seed) {
  Dice dice(seed);
  Bytes file = mutated(target, dice);
  std::snprintf(current, sizeof(current), "%s, file of seed %" PRIu64 " ended the program\n", target.name.c_str(),
                seed);
  alarm(kHangSeconds);
  double start = processor_seconds();
  std::string complaint;
  try {
    attack(target, file);
  } catch (const std::exception& error) {
    complaint = std::string("threw: ") + error.what();
  }
  if (double seconds = processor_seconds() - start; seconds > kMostSeconds) {
    complaint += " took " + std::to_string(seconds) + " s";
  }
  if (complaint.empty()) return true;
  std::fprintf(stderr, "%s, file of seed %" PRIu64 ": %s\n", target.name.c_str(), seed, complaint.c_str());
  std::string path = target.name + "-" + std::to_string(seed);
  std::ofstream(path, std::ios::binary) << data::as_text(file);
  return false;
}

int run(uint64_t files, uint64_t first_seed) {
  for (int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM})
    std::signal(number, tell_and_die);
  for (const Target& target : targets()) {
    for (const Bytes& seed : target.seeds)
      target.read(seed);  // whole files must be read
  }
  bound_memory();
  uint64_t bad = 0;
  for (const Target& target : targets()) {
    double start = processor_seconds();
    const uint64_t share = files / targets().size() + 1;
    for (uint64_t i = 0; i < share; ++i)
      bad += survives(target, first_seed + i) ? 0 : 1;
    std::printf("%-12s %6" PRIu64 " files %6.1f s\n", target.name.c_str(), share, processor_seconds() - start);
  }
  std::printf("%" PRIu64 " of them behaved badly\n", bad);
  return bad == 0 ? 0 : 1;
}

int write_corpus(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (size_t t = 0; t < targets().size(); ++t) {
    const Target& target = targets()[t];
    for (size_t i = 0; i < target.seeds.size(); ++i) {
      std::ofstream file(folder / (target.name + "-" + std::to_string(i)), std::ios::binary);
      file << static_cast<char>(t) << data::as_text(target.seeds[i]);
    }
  }
  return 0;
}

}  // namespace
}  // namespace cleave::fuzz

int main(int count, char** words) {
  if (count == 3 && std::string(words[1]) == "corpus") return cleave::fuzz::write_corpus(words[2]);
  const char* wished = std::getenv("CLEAVE_MUTATIONS");
  uint64_t files = std::strtoull(count > 1 ? words[1] : wished != nullptr ? wished : "24000", nullptr, 10);
  uint64_t seed = count > 2 ? std::strtoull(words[2], nullptr, 10) : 1;
  return cleave::fuzz::run(files, seed);
}
