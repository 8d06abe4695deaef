#include "cleave/training/checkpoint.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "cleave/base/checksum.h"
#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/base/safetensors.h"

namespace cleave::training {

namespace fs = std::filesystem;

namespace {

constexpr int kFormat = 1;
constexpr uint64_t kLargestText = 64 << 20;  // bytes of a manifest or a state; both are some kilobytes
constexpr const char* kFiles[] = {"model.safetensors", "optimizer.safetensors", "state.json"};

Settings position(const Checkpoint& c) {
  return {{"stage", c.next.stage},          {"stage_begun", c.stage_begun}, {"epoch", c.next.epoch},
          {"batch", c.next.batch},          {"step", c.next.index},         {"epochs", c.epochs},
          {"epoch_so_far", c.epoch_so_far}, {"recorder", c.recorder}};
}

void read_position(const Settings& state, Checkpoint& c) {
  c.next.stage = state.at("stage").get<int64_t>();
  c.stage_begun = state.at("stage_begun").get<bool>();
  c.next.epoch = state.at("epoch").get<int64_t>();
  c.next.batch = state.at("batch").get<int64_t>();
  c.next.index = state.at("step").get<int64_t>();
  c.epochs = state.at("epochs").get<int64_t>();
  c.epoch_so_far = state.at("epoch_so_far");
  c.recorder = state.at("recorder");
}

/// Checkpoint folders, the newest first.
std::vector<fs::path> list_checkpoints(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    std::string name = entry.path().filename().string();
    if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos) found.push_back(entry.path());
  }
  std::sort(found.rbegin(), found.rend());  // names are padded, so text order is number order
  return found;
}

Settings parse(const fs::path& path) {
  try {
    return Settings::parse(read_whole(path, kLargestText));
  } catch (const Settings::exception& error) {
    throw CorruptFileError(fmt::format("{}: not readable as JSON: {}", path.string(), error.what()));
  }
}

Checkpoint load(const fs::path& folder) {
  Settings manifest = parse(folder / "manifest.json");
  require<RunError>(
      manifest.at("format") == kFormat,
      "{}: of format {}, and this version of cleave reads format {}; resume the run with the version that "
      "provenance.json names",
      folder.string(), manifest.at("format").dump(), kFormat);
  for (const char* name : kFiles) {
    require<CorruptFileError>(file_checksum128(folder / name) == manifest.at("files").at(name).at("xxh3_128"),
                              "{}: the bytes do not have the checksum of the manifest", (folder / name).string());
  }
  Checkpoint checkpoint;
  read_position(parse(folder / "state.json"), checkpoint);
  checkpoint.model = load_tensors(folder / "model.safetensors").tensors;
  checkpoint.optimizer = load_tensors(folder / "optimizer.safetensors").tensors;
  return checkpoint;
}

}  // namespace

void save_checkpoint(const fs::path& folder, const Checkpoint& checkpoint, int64_t keep) {
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  const fs::path newest = folder / fmt::format("{:010}", checkpoint.next.index);
  write_folder_atomically(newest, [&](const fs::path& inside) {
    save_tensors(inside / "model.safetensors", {checkpoint.model, {}});
    save_tensors(inside / "optimizer.safetensors", {checkpoint.optimizer, {}});
    write_atomically(inside / "state.json", position(checkpoint).dump(1));
    Settings manifest = {{"format", kFormat}, {"files", Settings::object()}};
    for (const char* name : kFiles) {
      manifest["files"][name] = {{"bytes", fs::file_size(inside / name)},
                                 {"xxh3_128", file_checksum128(inside / name)}};
    }
    write_atomically(inside / "manifest.json", manifest.dump(1));
  });
  // Those of later steps are damaged, or the run would have gone on from there: they must not count as the newest.
  std::vector<fs::path> all = list_checkpoints(folder);
  const auto written = std::find(all.begin(), all.end(), newest);
  std::for_each(all.begin(), written, [&](const fs::path& damaged) { fs::remove_all(damaged, ignored); });
  all.erase(all.begin(), written);
  for (size_t i = static_cast<size_t>(keep); i < all.size(); ++i)
    fs::remove_all(all[i], ignored);
}

std::optional<Checkpoint> load_newest_checkpoint(const fs::path& folder, std::vector<std::string>* passed_over) {
  for (const fs::path& candidate : list_checkpoints(folder)) {
    try {
      return load(candidate);
    } catch (const RunError&) {
      throw;
    } catch (const std::exception& error) {  // ours for damaged bytes, the JSON library's for a missing key
      if (passed_over) {
        passed_over->push_back(
            fmt::format("passed over the damaged checkpoint {}: {}", candidate.filename().string(), error.what()));
      }
    }
  }
  return std::nullopt;
}

std::map<std::string, Tensor> model_tensors(const torch::nn::Module& module) {
  std::map<std::string, Tensor> tensors;
  for (const auto& item : module.named_parameters())
    tensors[item.key()] = item.value().detach();
  for (const auto& item : module.named_buffers())
    tensors[item.key()] = item.value();
  return tensors;
}

void load_model_tensors(torch::nn::Module& module, const std::map<std::string, Tensor>& tensors) {
  at::NoGradGuard no_grad;
  auto find = [&](const std::string& name) {
    auto found = tensors.find(name);
    require<CorruptFileError>(found != tensors.end(), "the file has no tensor '{}'; it belongs to another model", name);
    return found->second;
  };
  for (auto& item : module.named_parameters()) {
    Tensor saved = find(item.key());
    require<CorruptFileError>(saved.sizes() == item.value().sizes(),
                              "tensor '{}' has shape {} where the model needs {}", item.key(),
                              fmt::join(saved.sizes().vec(), "x"), fmt::join(item.value().sizes().vec(), "x"));
    item.value().copy_(saved);
  }
  // A buffer may have taken its shape from the data, so it takes the saved one whatever it is now.
  for (auto& item : module.named_buffers())
    item.value().set_data(find(item.key()).clone());
}

}  // namespace cleave::training
