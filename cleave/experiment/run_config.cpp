#include "cleave/experiment/run_config.h"

#include "cleave/base/error.h"
#include "cleave/base/toml.h"
#include "cleave/base/version.h"

namespace cleave::experiment {

namespace {

/// One table. Text, numbers, truth values and lists of them are written alike in JSON and in TOML.
std::string to_toml(const std::string& title, const Settings& settings) {
  std::string text = "\n[" + title + "]\n";
  for (const auto& [name, value] : settings.items())
    text += fmt::format("{} = {}\n", name, value.dump());
  return text;
}

Settings to_settings(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    Settings result = Settings::object();
    for (const auto& [key, value] : *table)
      result[std::string(key.str())] = to_settings(value);
    return result;
  }
  if (const auto* array = node.as_array()) {
    Settings result = Settings::array();
    for (const auto& value : *array)
      result.push_back(to_settings(value));
    return result;
  }
  if (const auto* value = node.as_string()) return value->get();
  if (const auto* value = node.as_integer()) return value->get();
  if (const auto* value = node.as_floating_point()) return value->get();
  if (const auto* value = node.as_boolean()) return value->get();
  throw ArgumentError(fmt::format("line {}: a date means nothing here", node.source().begin.line));
}

}  // namespace

data::Dataset DataConfig::open() const {
  return data::open(name, {data_root, split, label_column, size, static_cast<uint64_t>(data_seed)});
}

std::string to_toml(const RunConfig& config) {
  Settings method = {{"name", config.method}};
  method.update(config.settings);
  return fmt::format("# Written by cleave {}; every setting is here, defaults included.\nseed = {}\n", kVersion,
                     config.seed) +
         to_toml("data", cleave::to_settings(config.data)) + to_toml("training", cleave::to_settings(config.training)) +
         to_toml("method", method);
}

RunConfig parse_config(const std::string& toml, const std::string& origin) {
  try {
    Settings all = to_settings(parse_toml(toml, origin));
    RunConfig config;
    config.settings = all.at("method");
    config.method = config.settings.at("name").get<std::string>();
    config.settings.erase("name");
    config.data = configure<DataConfig>(all.at("data"));
    config.training = configure<training::TrainConfig>(all.at("training"));
    config.seed = all.at("seed").get<int64_t>();
    return config;
  } catch (const std::exception& error) {  // ours already names the file where the text is not TOML at all
    std::string reason = error.what();
    throw CorruptFileError(reason.starts_with(origin) ? reason : fmt::format("{}: {}", origin, reason));
  }
}

}  // namespace cleave::experiment
