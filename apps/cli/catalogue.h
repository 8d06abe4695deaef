// What the front knows of methods, data sets and presets without loading the library: written by catalogue/generate.cpp
// from the registry at build time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "apps/cli/command.h"

namespace cleave::cli {

struct MethodEntry {
  std::string name;
  std::string title;
  std::string summary;
  std::string source;
  std::vector<std::string> abilities;  ///< "clusters", "embeds", ...
  std::vector<Field> fields;
};

const std::vector<MethodEntry>& methods();
/// Throws ArgumentError, with a suggestion, for an unknown name.
const MethodEntry& find_method(const std::string& name);
std::vector<std::string> method_names();

/// Registered data sets.
const std::vector<std::string>& data_names();

/// TOML texts by preset name.
const std::map<std::string, std::string>& presets();
std::vector<std::string> preset_names();

/// The method as JSON, the way that `models --json` prints it.
Settings method_json(const MethodEntry& method);

/// The table of a verb with the settings of a method as a further group.
Command with_settings_of(Command command, const MethodEntry& method);

/// The group of a method's settings.
Group settings_group(const MethodEntry& method);

}  // namespace cleave::cli
