// `cleave data list|fetch|inspect|convert`.
#include "apps/cli/engine/data_sets.h"
#include "apps/cli/engine/inspection.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/base/error.h"
#include "cleave/base/text.h"
#include "cleave/data/convert.h"
#include "cleave/data/drawn.h"
#include "cleave/data/fetch.h"

namespace cleave::cli::verbs {

void data_list(const Invocation& invocation, const Console& console) {
  std::filesystem::path root = invocation.data.at("data_root").get<std::string>();
  Settings sets = Settings::array();
  std::string text;
  auto add = [&](const std::string& name, const std::string& title, bool at_hand, const std::string& source) {
    sets.push_back({{"name", name}, {"title", title}, {"at_hand", at_hand}, {"source", source}});
    text += fmt::format("{:<15}{:<9}{}\n", name, at_hand ? "at hand" : "absent", title);
  };
  for (const std::string& name : data::drawn_names())
    add(name, "drawn by code, any size", true, "drawn");
  for (const data::RegisteredSet& set : data::registered_sets()) {
    add(set.name, set.title, missing_files(set, root).empty(), set.source);
  }
  console.result({{"data_root", root.string()}, {"sets", sets}});
  console.print(text + fmt::format("\nLooked for in {}; cleave data fetch NAME gets one.", root.string()));
}

void data_fetch(const Invocation& invocation, const Console& console) {
  std::filesystem::path root = invocation.data.at("data_root").get<std::string>();
  require<ArgumentError>(!root.empty(), "where to? set CLEAVE_DATA or pass --data-root DIR");
  std::string name = invocation.argument("name");
  console.note(fmt::format("fetching {} into {}", name, root.string()));
  std::vector<std::string> files;
  for (const auto& file : data::fetch(name, root, invocation.option<std::string>("from")))
    files.push_back(file.string());
  console.result({{"name", name}, {"files", files}});
  console.print(join(files, "\n"));
}

void data_inspect(const Invocation& invocation, const Console& console) {
  show(data::inspect(data::open(invocation.argument("data"), open_options(invocation))), console);
}

void data_convert(const Invocation& invocation, const Console& console) {
  std::filesystem::path file = invocation.argument("file");
  require<ArgumentError>(file.extension() == ".npz", "{}: the name must end in .npz", file.string());
  spare_what_is_kept(invocation, file);
  data::Dataset dataset = data::open(invocation.argument("data"), open_options(invocation));
  data::convert(dataset, file);
  uint64_t bytes = std::filesystem::file_size(file);
  console.result({{"file", file.string()}, {"examples", dataset.size()}, {"bytes", bytes}});
  console.print(fmt::format("{}: {} examples, {}", file.string(), dataset.size(), byte_count(bytes)));
}

}  // namespace cleave::cli::verbs
