#include "apps/cli/engine/data_sets.h"

#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/data/drawn.h"

namespace cleave::cli {

data::OpenOptions open_options(const Invocation& invocation) {
  refuse_idle_options(invocation, invocation.argument("data"));
  const Settings& data = invocation.data;
  return {.root = data.at("data_root").get<std::string>(),
          .split = data.at("split"),
          .label_column = data.at("label_column"),
          .size = data.at("size"),
          .seed = data.at("data_seed"),
          .noise = data.at("drawn_noise")};
}

void refuse_idle_options(const Invocation& invocation, const std::string& name, bool draws) {
  const auto& sets = data::drawn_names();
  const bool drawn = std::find(sets.begin(), sets.end(), name) != sets.end(), file = !data::is_known_name(name);
  for (const auto& [option, value] : invocation.given.items()) {
    const std::string flag = Field{option, {}, {}, {}, {}}.flag();
    const bool of_drawn = option == "size" || option == "drawn_noise" || (option == "data_seed" && !draws);
    require<ArgumentError>(drawn || !of_drawn, "{}: is for sets that are drawn, and {} is none; leave it out", flag,
                           name);
    require<ArgumentError>(draws || !option.starts_with("artificial_"), "{}: needs --artificial, the run that draws",
                           flag);
    require<ArgumentError>(file || option != "label_column", "{}: is for files, and {} is none; leave it out", flag,
                           name);
  }
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
