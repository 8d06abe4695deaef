#include "apps/cli/front_verbs.h"

#include <fmt/format.h>

#include "apps/cli/catalogue.h"
#include "apps/cli/completion.h"
#include "apps/cli/config.h"
#include "apps/cli/help.h"
#include "cleave/base/text.h"

namespace cleave::cli {

namespace {

/// Presets by name with their first line, of one method.
std::vector<std::pair<std::string, std::string>> presets_of(const std::string& method) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const std::string& name : preset_names()) {
    ConfigFile preset = read_preset(name);
    if (preset.method_name() == method) found.emplace_back(name, preset.summary());
  }
  return found;
}

Settings described(const MethodEntry& method) {
  Settings json = method_json(method);
  json["presets"] = Settings::array();
  for (const auto& [name, summary] : presets_of(method.name)) {
    json["presets"].push_back({{"name", name}, {"summary", summary}});
  }
  return json;
}

std::string method_page(const MethodEntry& method) {
  std::string text = fmt::format("{}: {}\n{}\n\n{}", heading(method.name), method.title, method.summary,
                                 columns({{"source", method.source}, {"can do", join(method.abilities)}}));
  text += fmt::format("\n{}\n{}", heading("Settings:"), options_page(settings_group(method)));
  auto presets = presets_of(method.name);
  if (!presets.empty()) text += fmt::format("\n{}\n{}", heading("Presets (--preset NAME):"), columns(presets));
  return text + fmt::format("\n{}\n  cleave train {} DATA", heading("Fit it:"), method.name);
}

}  // namespace

void show_models(const Invocation& invocation, const Console& console) {
  if (invocation.has("method")) {
    const MethodEntry& method = find_method(invocation.argument("method"));
    console.result(described(method));
    return console.print(method_page(method));
  }
  Settings list = {{"methods", Settings::array()}};
  std::vector<std::pair<std::string, std::string>> rows;
  for (const MethodEntry& method : methods()) {
    list["methods"].push_back(described(method));
    rows.emplace_back(method.name, method.summary);
  }
  console.result(list);
  console.print(columns(rows) + "\ncleave models METHOD shows settings, abilities, source and presets.");
}

void show_completion(const Invocation& invocation, const Console& console) {
  std::string script = completion_script(invocation.argument("shell"));
  console.result({{"shell", invocation.argument("shell")}, {"script", script}});
  console.print(script);
}

}  // namespace cleave::cli
