#include "apps/cli/engine_library.h"

#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>

#include "cleave/base/error.h"
#include "cleave/base/text.h"

namespace cleave::cli {

namespace {

std::filesystem::path find_engine() {
  namespace fs = std::filesystem;
  fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  std::vector<std::string> tried;
  for (const fs::path& place : {folder, folder / ".." / CLEAVE_LIBRARY_FOLDER, folder / ".." / "lib"}) {
    fs::path candidate = (place / "libcleave_engine.so").lexically_normal();
    if (fs::exists(candidate)) return candidate;
    tried.push_back(candidate.string());
  }
  throw RunError(
      fmt::format("libcleave_engine.so is missing (looked for {}); build or install cleave again", join(tried)));
}

/// Threads that wait for each other give way after some microseconds, where libgomp by default spins for as long as it
/// takes: beside another busy process that makes a training step twenty times as slow. What the user has set stands.
void let_threads_give_way() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "10000", /*overwrite=*/0);
}

}  // namespace

int run_in_engine(const Invocation& invocation) {
  std::filesystem::path path = find_engine();
  let_threads_give_way();  // libgomp, which comes with the engine, reads it when it is loaded
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  require<RunError>(library != nullptr, "{} cannot be loaded: {}", path.string(), library == nullptr ? dlerror() : "");
  auto execute = reinterpret_cast<int (*)(const char*)>(dlsym(library, "cleave_execute"));
  require<RunError>(execute != nullptr, "{} is of another version; build or install cleave again", path.string());
  return execute(to_json(invocation).dump(-1, ' ', false, Settings::error_handler_t::replace).c_str());
}

}  // namespace cleave::cli
