#include "apps/cli/command.h"

#include <algorithm>

#include "apps/cli/commands/commands.h"
#include "cleave/base/error.h"
#include "cleave/base/text.h"

namespace cleave::cli {

const Option* Command::find(const std::string& wanted) const {
  for (const Group& group : groups) {
    for (const Option& candidate : group.options) {
      if (candidate.field.name == wanted) return &candidate;
    }
  }
  return nullptr;
}

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands = [] {
    std::vector<Command> list;
    for (auto&& part : {commands::fitting(), commands::asking(), commands::finding_out()}) {
      list.insert(list.end(), part.begin(), part.end());
    }
    for (Command& command : list)
      command.groups.push_back(commands::output_options());
    return list;
  }();
  return commands;
}

std::vector<const Command*> parts_of(const std::string& word) {
  std::vector<const Command*> parts;
  for (const Command& command : all_commands()) {
    if (command.name.rfind(word + " ", 0) == 0) parts.push_back(&command);
  }
  return parts;
}

Found find_command(const std::vector<std::string>& words) {
  bool has_parts = !parts_of(words.at(0)).empty();
  require<ArgumentError>(!has_parts || words.size() > 1, "'{}' needs a second word: see cleave {} --help", words[0],
                         words[0]);
  std::string name = has_parts ? words[0] + " " + words[1] : words[0];
  std::vector<std::string> known;
  for (const Command& command : all_commands()) {
    if (command.name == name) return {&command, has_parts ? 2u : 1u};
    known.push_back(command.name);
  }
  throw ArgumentError(unknown_name("verb", name, known));
}

}  // namespace cleave::cli
