#include "apps/cli/catalogue.h"

#include "cleave/base/error.h"
#include "cleave/base/text.h"

namespace cleave::cli {

extern const char* const kCatalogue;  // generated

namespace {

const Settings& catalogue() {
  static const Settings parsed = Settings::parse(kCatalogue);
  return parsed;
}

Field field_from(const Settings& json) {
  Field field{json.at("name"), json.at("type"), json.at("default"), {}, json.at("meaning")};
  field.range.low = json.value("low", field.range.low);
  field.range.high = json.value("high", field.range.high);
  field.range.low_excluded = json.value("low_excluded", false);
  if (auto choices = json.find("choices"); choices != json.end()) {
    field.range.choices = choices->get<std::vector<std::string>>();
  }
  return field;
}

MethodEntry method_from(const Settings& json) {
  MethodEntry method{json.at("name"),   json.at("title"),     json.at("summary"),
                     json.at("source"), json.at("abilities"), {}};
  for (const Settings& field : json.at("settings"))
    method.fields.push_back(field_from(field));
  return method;
}

}  // namespace

const std::vector<MethodEntry>& methods() {
  static const std::vector<MethodEntry> list = [] {
    std::vector<MethodEntry> result;
    for (const Settings& method : catalogue().at("methods"))
      result.push_back(method_from(method));
    return result;
  }();
  return list;
}

std::vector<std::string> method_names() {
  std::vector<std::string> names;
  for (const MethodEntry& method : methods())
    names.push_back(method.name);
  return names;
}

const MethodEntry& find_method(const std::string& name) {
  for (const MethodEntry& method : methods()) {
    if (method.name == name) return method;
  }
  throw ArgumentError(unknown_name("method", name, method_names()));
}

const std::vector<std::string>& data_names() {
  static const auto names = catalogue().at("data").get<std::vector<std::string>>();
  return names;
}

const std::map<std::string, std::string>& presets() {
  static const auto texts = catalogue().at("presets").get<std::map<std::string, std::string>>();
  return texts;
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const auto& [name, text] : presets())
    names.push_back(name);
  return names;
}

Settings method_json(const MethodEntry& method) {
  for (const Settings& json : catalogue().at("methods")) {
    if (json.at("name") == method.name) return json;
  }
  return {};
}

Group settings_group(const MethodEntry& method) {
  Group group{fmt::format("Settings of {} ({})", method.name, method.title), "method", {}};
  for (const Field& field : method.fields)
    group.options.push_back({field});
  return group;
}

Command with_settings_of(Command command, const MethodEntry& method) {
  command.groups.insert(command.groups.begin() + 1, settings_group(method));
  return command;
}

}  // namespace cleave::cli
