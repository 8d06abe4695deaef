// `cleave inspect FILE`: what a run folder, a model file or a data file holds.
#include <filesystem>

#include <fmt/ranges.h>

#include "apps/cli/engine/inspection.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/base/safetensors.h"
#include "cleave/base/text.h"
#include "cleave/data/open.h"

namespace cleave::cli::verbs {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t kLargestText = 1 << 24;  // of config.toml and provenance.json, bytes

void inspect_run(const fs::path& run, const Console& console) {
  std::string config = read_whole(run / "config.toml", kLargestText);
  Settings files = Settings::object();
  std::string listing;
  for (const auto& entry : fs::directory_iterator(run)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().filename().string()] = entry.file_size();
    listing += fmt::format("  {:<22}{}\n", entry.path().filename().string(), byte_count(entry.file_size()));
  }
  bool finished = files.contains("model.safetensors");
  console.result(
      {{"holds", "run"}, {"path", run.string()}, {"finished", finished}, {"config", config}, {"files", files}});
  std::string state =
      finished ? "finished" : fmt::format("not finished; cleave resume {} goes on", shell_word(run.string()));
  console.print(fmt::format("run {}: {}\n\n{}\n{}", run.string(), state, config, listing));
}

void inspect_tensors(const fs::path& path, const Console& console) {
  TensorFile file = load_tensors(path, Writer::kAny);
  Settings tensors = Settings::array();
  std::string text;
  int64_t values = 0;
  for (const auto& [name, tensor] : file.tensors) {
    std::string type = c10::toString(tensor.scalar_type());
    tensors.push_back({{"name", name}, {"type", type}, {"shape", tensor.sizes().vec()}});
    text += fmt::format("  {:<40} {:<9} [{}]\n", name, type, fmt::join(tensor.sizes().vec(), ", "));
    values += tensor.numel();
  }
  console.result({{"holds", "tensors"}, {"path", path.string()}, {"tensors", tensors}, {"metadata", file.metadata}});
  console.print(fmt::format("{}: {} tensors, {} values\n{}", path.string(), file.tensors.size(), values, text));
}

}  // namespace

void inspect(const Invocation& invocation, const Console& console) {
  fs::path path = invocation.argument("file");
  require<DataError>(fs::exists(path), "{}: no such file or folder", path.string());
  if (fs::exists(path / "config.toml")) return inspect_run(path, console);
  if (path.extension() == ".safetensors") return inspect_tensors(path, console);
  show(data::inspect(data::open(fs::absolute(path).string())), console);
}

}  // namespace cleave::cli::verbs
