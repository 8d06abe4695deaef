#include "apps/cli/config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "apps/cli/catalogue.h"
#include "cleave/base/error.h"
#include "cleave/base/text.h"
#include "cleave/base/toml.h"

namespace cleave::cli {

namespace {

std::string place(const std::string& origin, const toml::source_region& source) {
  return fmt::format("{}:{}:{}", origin, source.begin.line, source.begin.column);
}

/// The options that a section may set, by the name of the section.
std::vector<const Field*> fields_of(const Command& command, const std::string& section) {
  std::vector<const Field*> fields;
  for (const Group& group : command.groups) {
    for (const Option& option : group.options) {
      bool about_files = option.names == Names::kPreset || option.field.name == "config";
      if (group.section == section && group.title != "Output" && !about_files) fields.push_back(&option.field);
    }
  }
  return fields;
}

Settings checked_value(const Field& field, const toml::node& node, const std::string& where) {
  try {
    Settings value = settings_of(node);
    if (field.type.find("list") != std::string::npos && value.is_number()) value = Settings::array({value});
    check_value(field, value);
    return value;
  } catch (const ArgumentError& error) {
    throw ArgumentError(fmt::format("{}: {}", where, error.what()));
  }
}

/// One table of the file. `section` is "" for the top.
Settings checked_table(const toml::table& table, const std::string& section, const Command& command,
                       const std::string& origin, const std::vector<std::string>& sections) {
  std::vector<const Field*> fields = fields_of(command, section);
  Settings values = Settings::object();
  for (const auto& [toml_key, node] : table) {
    std::string key(toml_key.str());
    std::string where = place(origin, toml_key.source());
    if (section.empty() ? node.is_table() : key == "name") continue;  // sections, and names, are read elsewhere
    const bool is_section = std::find(sections.begin(), sections.end(), key) != sections.end();
    require<ArgumentError>(!is_section, "{}: '{}' is a section: write [{}] and its settings below", where, key, key);
    auto named = [&](const Field* field) { return field->name == key; };
    auto field = std::find_if(fields.begin(), fields.end(), named);
    if (field != fields.end()) {
      values[key] = checked_value(**field, node, where);
      continue;
    }
    std::vector<std::string> known = section.empty() ? sections : std::vector<std::string>{};
    for (const Field* candidate : fields)
      known.push_back(candidate->name);
    throw ArgumentError(fmt::format("{}: {}{}", where, unknown_name("setting", key, known),
                                    section.empty() ? "" : fmt::format(" (in [{}])", section)));
  }
  return values;
}

std::string name_in(const ConfigFile& file, const char* section) {
  toml::table table = parse_toml(file.text, file.origin);
  return table[section]["name"].value_or(std::string());
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  bool readable = file && !std::filesystem::is_directory(path) && text << file.rdbuf();
  require<DataError>(readable, "{}: cannot be read; name a TOML file", path);
  return text.str();
}

}  // namespace

std::string ConfigFile::method_name() const {
  return name_in(*this, "method");
}
std::string ConfigFile::data_name() const {
  return name_in(*this, "data");
}

std::string ConfigFile::summary() const {
  std::string line = text.substr(0, text.find('\n'));
  return line.rfind('#', 0) == 0 ? std::string(trim(line.substr(1))) : "";
}

Settings ConfigFile::checked(const Command& command) const {
  toml::table table = parse_toml(text, origin);
  const std::vector<std::string> sections = {"data", "method", "training"};
  Settings values = {{"", checked_table(table, "", command, origin, sections)}};
  for (const auto& [key, node] : table) {
    if (!node.is_table()) continue;
    std::string section(key.str());
    bool known = std::find(sections.begin(), sections.end(), section) != sections.end();
    if (!known) {
      throw ArgumentError(place(origin, key.source()) + ": " + unknown_name("section", section, sections));
    }
    values[section] = checked_table(*node.as_table(), section, command, origin, {});
  }
  return values;
}

ConfigFile read_config(const std::string& path) {
  return {path, content(path)};
}

ConfigFile read_preset(const std::string& name_or_path) {
  bool path = name_or_path.find('/') != std::string::npos || std::filesystem::path(name_or_path).extension() == ".toml";
  if (path) return read_config(name_or_path);
  auto found = presets().find(name_or_path);
  if (found == presets().end()) throw ArgumentError(unknown_name("preset", name_or_path, preset_names()));
  return {"preset " + name_or_path, found->second};
}

}  // namespace cleave::cli
