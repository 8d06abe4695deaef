#include "apps/cli/engine/data_sets.h"

namespace cleave::cli {

data::OpenOptions open_options(const Invocation& invocation) {
  const Settings& data = invocation.data;
  return {.root = data.at("data_root").get<std::string>(),
          .split = data.at("split"),
          .label_column = data.at("label_column"),
          .size = data.at("size"),
          .seed = data.at("data_seed")};
}

std::vector<std::string> missing_files(const data::RegisteredSet& set, const std::filesystem::path& root) {
  std::vector<std::string> missing;
  for (const data::SourceFile& file : set.files) {
    if (root.empty() || !std::filesystem::exists(root / set.folder / file.name)) missing.push_back(file.name);
  }
  return missing;
}

std::vector<std::string> sets_at_hand(const std::filesystem::path& root) {
  std::vector<std::string> names;
  for (const data::RegisteredSet& set : data::registered_sets()) {
    if (missing_files(set, root).empty()) names.push_back(set.name);
  }
  return names;
}

}  // namespace cleave::cli
