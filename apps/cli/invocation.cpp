#include "apps/cli/invocation.h"

#include "cleave/base/text.h"

namespace cleave::cli {

Settings& Invocation::section(const std::string& name) {
  return name == "data" ? data : name == "training" ? training : name == "method" ? method : options;
}

Settings to_json(const Invocation& invocation) {
  return {{"verb", invocation.verb},       {"arguments", invocation.arguments},
          {"options", invocation.options}, {"data", invocation.data},
          {"given", invocation.given},     {"training", invocation.training},
          {"method", invocation.method},   {"command_line", invocation.command_line}};
}

Invocation invocation_from(const Settings& json) {
  return {.verb = json.at("verb").get<std::string>(),
          .arguments = json.at("arguments"),
          .options = json.at("options"),
          .data = json.at("data"),
          .given = json.at("given"),
          .training = json.at("training"),
          .method = json.at("method"),
          .command_line = json.at("command_line").get<std::string>()};
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words)
    line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

}  // namespace cleave::cli
