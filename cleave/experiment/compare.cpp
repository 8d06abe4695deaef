#include "cleave/experiment/compare.h"

#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/experiment/event_log.h"
#include "cleave/experiment/run_folder.h"

namespace cleave::experiment {

namespace {

/// Every setting under one name: "seed", "data.split", "training.batch_size", "latent_dim".
Settings flat(const RunConfig& config) {
  Settings all = config.settings;
  auto add = [&](const std::string& section, const Settings& settings) {
    for (const auto& [name, value] : settings.items())
      all[section + "." + name] = value;
  };
  add("data", to_settings(config.data));
  add("training", to_settings(config.training));
  all["seed"] = config.seed;
  return all;
}

/// Leaves only the settings that not all have in common.
void keep_differences(std::vector<Settings>& settings) {
  const Settings first = settings.front();
  for (const auto& [name, value] : first.items()) {
    bool same = std::all_of(settings.begin(), settings.end(),
                            [&](const Settings& other) { return other.contains(name) && other[name] == value; });
    if (!same) continue;
    for (Settings& each : settings)
      each.erase(name);
  }
}

}  // namespace

Settings compare(const std::vector<std::filesystem::path>& paths) {
  require<ArgumentError>(!paths.empty(), "[compare] expected at least one run");
  Settings rows = Settings::array();
  std::vector<Settings> settings;
  for (const auto& path : paths) {
    RunFolder run = RunFolder::open(path);
    require<ArgumentError>(std::filesystem::exists(run.evaluation()), "{}: not evaluated yet; run `cleave evaluate {}`",
                           path.string(), shell_word(path.string()));
    Settings row = read_json(run.evaluation());
    row["run"] = path.string();
    std::vector<Settings> events = read_events(run.events());
    if (!events.empty() && events.back().contains("seconds")) row["seconds"] = events.back()["seconds"];
    rows.push_back(std::move(row));
    settings.push_back(flat(run.config()));
  }
  keep_differences(settings);
  for (size_t i = 0; i < settings.size(); ++i)
    rows[i]["settings"] = std::move(settings[i]);
  return rows;
}

std::vector<report::ComparedRun> with_figures(const Settings& compared) {
  namespace fs = std::filesystem;
  constexpr uint64_t kLargestFigure = uint64_t{1} << 26;  // bytes
  std::vector<report::ComparedRun> runs;
  for (const Settings& row : compared) {
    const fs::path path = row["run"].get<std::string>();
    runs.push_back({path.filename().empty() ? path.parent_path().filename() : path.filename(), row, {}});
    const fs::path folder = RunFolder::open(path).figures();
    if (!fs::exists(folder)) continue;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const fs::path& file = entry.path();
      if (file.extension() == ".png" || file.extension() == ".svg")
        runs.back().figures.push_back({file.filename(), read_whole(file, kLargestFigure)});
    }
  }
  return runs;
}

}  // namespace cleave::experiment
