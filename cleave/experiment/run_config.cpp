#include "cleave/experiment/run_config.h"

#include "cleave/base/error.h"
#include "cleave/base/toml.h"
#include "cleave/base/version.h"
#include "cleave/data/readers/byte_source.h"
#include "cleave/experiment/artificial.h"
#include "cleave/experiment/finished_run.h"

namespace cleave::experiment {

namespace {

/// One table. Text, numbers, truth values and lists of them are written alike in JSON and in TOML.
std::string to_toml(const std::string& title, const Settings& settings) {
  std::string text = "\n[" + title + "]\n";
  for (const auto& [name, value] : settings.items())
    text += fmt::format("{} = {}\n", name, value.dump());
  return text;
}

}  // namespace

data::Dataset DataConfig::open() const {
  const auto seed = static_cast<uint64_t>(data_seed);
  data::Dataset dataset = data::open(name, {data_root, split, label_column, size, seed, drawn_noise});
  if (artificial.empty()) return dataset;
  const Artificial draws = {artificial_share, artificial_spread, artificial_recognised};
  return with_artificial(std::move(dataset), open_fitted(artificial), draws, seed);
}

data::GivenLabels DataConfig::given_labels(const data::Dataset& dataset) const {
  require<ArgumentError>(labels_per_class == 0 || labels == "own",
                         "--labels-per-class: needs --labels own, of which it takes some");
  if (labels.empty()) return {};
  if (labels == "own") return data::own_labels(dataset, labels_per_class, static_cast<uint64_t>(label_seed));
  std::filesystem::path path = labels;
  if (std::filesystem::is_directory(path)) path /= "assignments.csv";
  return data::read_labels(data::read_file(path), path.string(), dataset);
}

std::string to_toml(const RunConfig& config) {
  Settings method = {{"name", config.method}};
  method.update(config.settings);
  return fmt::format("# Written by cleave {}; every setting is here, defaults included.\nseed = {}\n", kVersion,
                     config.seed) +
         to_toml("data", cleave::to_settings(config.data)) + to_toml("training", cleave::to_settings(config.training)) +
         to_toml("method", method);
}

RunConfig run_config(const Settings& all) {
  RunConfig config;
  config.settings = all.at("method");
  config.method = config.settings.at("name").get<std::string>();
  config.settings.erase("name");
  config.data = configure<DataConfig>(all.at("data"));
  config.training = configure<training::TrainConfig>(all.at("training"));
  config.seed = all.at("seed").get<int64_t>();
  return config;
}

RunConfig parse_config(const std::string& toml, const std::string& origin) {
  try {
    return run_config(settings_of(parse_toml(toml, origin)));
  } catch (const std::exception& error) {  // ours already names the file where the text is not TOML at all
    std::string reason = error.what();
    throw CorruptFileError(reason.starts_with(origin) ? reason : fmt::format("{}: {}", origin, reason));
  }
}

}  // namespace cleave::experiment
