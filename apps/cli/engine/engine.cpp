// The one entry of the engine: finds the verb, runs it, and turns every exception into a message and an exit code.
#include <cstdio>
#include <filesystem>
#include <map>
#include <new>

#include <malloc.h>

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include "apps/cli/engine/verbs.h"
#include "cleave/base/error.h"

namespace cleave::cli {

namespace {

const std::map<std::string, verbs::Verb>& all_verbs() {
  static const std::map<std::string, verbs::Verb> table = {
      {"assign", verbs::assign},
      {"cluster", verbs::cluster},
      {"compare", verbs::compare},
      {"data convert", verbs::data_convert},
      {"data fetch", verbs::data_fetch},
      {"data inspect", verbs::data_inspect},
      {"data list", verbs::data_list},
      {"doctor", verbs::doctor},
      {"edit", verbs::edit},
      {"embed", verbs::embed},
      {"evaluate", verbs::evaluate},
      {"inspect", verbs::inspect},
      {"interpolate", verbs::interpolate},
      {"map", verbs::map},
      {"report", verbs::report},
      {"reproduce", verbs::reproduce},
      {"resume", verbs::resume},
      {"sample", verbs::sample},
      {"train", verbs::train},
      {"traverse", verbs::traverse},
  };
  return table;
}

/// Activations are kept by the process instead of being returned to the system and faulted in again at every step,
/// which costs a quarter of a training step. Larger blocks hold whole data sets: kept, they would leave holes that the
/// next one does not fit into.
void keep_freed_memory() {
  constexpr int kMebibyte = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 64 * kMebibyte);
  mallopt(M_TRIM_THRESHOLD, 1024 * kMebibyte);
}

void run(const Invocation& invocation, const Console& console) {
  keep_freed_memory();
  if (int64_t threads = invocation.options.value("threads", int64_t{0}); threads > 0) {
    at::set_num_threads(static_cast<int>(threads));
  }
  auto verb = all_verbs().find(invocation.verb);
  require<RunError>(verb != all_verbs().end(), "the verb '{}' is not part of this build", invocation.verb);
  verb->second(invocation, console);
}

const char* kind_of(const Error& error) {
  if (dynamic_cast<const NumericalError*>(&error) != nullptr) return "numerical";
  switch (error.exit_code()) {
    case 2:
      return "usage";
    case 3:
      return "data";
    case 4:
      return "corrupt";
    case 130:
      return "interrupted";
    default:
      return "run";
  }
}

int fail(bool json, const char* kind, const std::string& message, int code) {
  report_error(json, kind, message);
  return code;
}

}  // namespace

}  // namespace cleave::cli

/// Carries out an invocation (see invocation.h) and returns the exit code. Lets no exception out.
extern "C" __attribute__((visibility("default"))) int cleave_execute(const char* text) {
  using namespace cleave::cli;
  bool json = false;
  try {
    Invocation invocation = invocation_from(cleave::Settings::parse(text));
    json = invocation.option<bool>("json");
    run(invocation, Console(json, invocation.option<bool>("quiet")));
    return 0;
  } catch (const cleave::Error& error) {
    return fail(json, kind_of(error), error.what(), error.exit_code());
  } catch (const std::bad_alloc&) {
    return fail(json, "memory", "not enough memory; a smaller --batch-size or fewer examples need less", 1);
  } catch (const c10::Error& error) {
    return fail(json, "internal", std::string("a tensor operation failed: ") + error.what_without_backtrace(), 1);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(json, "run", in_words(error), 1);
  } catch (const std::exception& error) {
    return fail(json, "internal", error.what(), 1);
  } catch (...) {
    return fail(json, "internal", "an unknown exception", 1);
  }
}
