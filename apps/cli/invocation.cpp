#include "apps/cli/invocation.h"

namespace cleave::cli {

Settings& Invocation::section(const std::string& name) {
  return name == "data" ? data : name == "training" ? training : name == "method" ? method : options;
}

Settings to_json(const Invocation& invocation) {
  return {{"verb", invocation.verb},
          {"arguments", invocation.arguments},
          {"options", invocation.options},
          {"data", invocation.data},
          {"training", invocation.training},
          {"method", invocation.method},
          {"command_line", invocation.command_line}};
}

Invocation invocation_from(const Settings& json) {
  return {.verb = json.at("verb").get<std::string>(),
          .arguments = json.at("arguments"),
          .options = json.at("options"),
          .data = json.at("data"),
          .training = json.at("training"),
          .method = json.at("method"),
          .command_line = json.at("command_line").get<std::string>()};
}

}  // namespace cleave::cli
