// Writes what the command's front must know of methods, data sets and presets as a C++ source, so that the front can
// answer without loading the library: generate_catalogue OUTPUT.cpp PRESET.toml...
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cleave/data/drawn.h"
#include "cleave/data/registered.h"
#include "cleave/models/registry.h"

namespace {

using cleave::Field;
using cleave::Settings;

Settings field_json(const Field& field) {
  Settings json = {{"name", field.name}, {"type", field.type}, {"default", field.preset}};
  if (std::isfinite(field.range.low)) json["low"] = field.range.low;
  if (std::isfinite(field.range.high)) json["high"] = field.range.high;
  if (field.range.low_excluded) json["low_excluded"] = true;
  if (!field.range.choices.empty()) json["choices"] = field.range.choices;
  json["meaning"] = field.meaning;
  return json;
}

Settings abilities_json(const cleave::model::Abilities& abilities) {
  Settings names = Settings::array();
  if (abilities.clusters) names.push_back("clusters");
  if (abilities.embeds) names.push_back("embeds");
  if (abilities.decodes) names.push_back("decodes");
  if (abilities.generates) names.push_back("generates");
  if (abilities.has_bound) names.push_back("has a bound");
  return names;
}

Settings method_json(const cleave::model::Method& method) {
  Settings fields = Settings::array();
  for (const Field& field : method.fields)
    fields.push_back(field_json(field));
  return {{"name", method.name},
          {"title", method.title},
          {"summary", method.summary},
          {"source", method.source},
          {"abilities", abilities_json(method.abilities)},
          {"settings", fields}};
}

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

int main(int count, char** words) {
  Settings catalogue = {{"methods", Settings::array()}, {"data", Settings::array()}, {"presets", Settings::object()}};
  for (const auto& method : cleave::models::all_methods())
    catalogue["methods"].push_back(method_json(method));
  for (const auto& name : cleave::data::drawn_names())
    catalogue["data"].push_back(name);
  for (const auto& set : cleave::data::registered_sets())
    catalogue["data"].push_back(set.name);
  for (int i = 2; i < count; ++i) {
    std::filesystem::path path = words[i];
    catalogue["presets"][path.stem().string()] = content(path);
  }
  std::ofstream output(words[1]);
  output
      << "namespace cleave::cli {\n\nextern const char* const kCatalogue;\nconst char* const kCatalogue = R\"catalogue("
      << catalogue.dump(1) << ")catalogue\";\n\n}  // namespace cleave::cli\n";
  return output.flush() ? 0 : 1;
}
