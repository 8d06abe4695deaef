#include "apps/cli/completion.h"

#include <algorithm>
#include <stdexcept>

#include "apps/cli/catalogue.h"
#include "apps/cli/command.h"
#include "apps/cli/parse.h"
#include "cleave/base/error.h"

namespace cleave::cli {

namespace {

using Words = std::vector<std::string>;

constexpr const char* kBash = R"(# bash completion for cleave: source <(cleave completion bash)
_cleave() {
  local current="${COMP_WORDS[COMP_CWORD]}" candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    case "$candidate" in
      @file) compopt -o filenames; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current") ;;
      @folder) compopt -o filenames; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current") ;;
      "$current"*) COMPREPLY+=("$candidate") ;;
    esac
  done < <("${COMP_WORDS[0]}" --candidates "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _cleave cleave
)";

constexpr const char* kZsh = R"(#compdef cleave
# zsh completion for cleave: source <(cleave completion zsh)
_cleave() {
  local -a found names
  found=("${(@f)$("${words[1]}" --candidates "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  names=("${(@)found:#@*}")
  (( ${#names} )) && compadd -a names
  (( ${found[(I)@file]} )) && _files
  (( ${found[(I)@folder]} )) && _files -/
}
compdef _cleave cleave
)";

constexpr const char* kFish = R"(# fish completion for cleave: cleave completion fish | source
function __cleave_candidates
  set -l words (commandline -opc) (commandline -ct)
  for candidate in (cleave --candidates $words[2..-1] 2>/dev/null)
    switch $candidate
      case @file
        __fish_complete_path (commandline -ct)
      case @folder
        __fish_complete_directories (commandline -ct)
      case '*'
        echo $candidate
    end
  end
end
complete -c cleave -f -a '(__cleave_candidates)'
)";

Words named(Names names) {
  Words words;
  switch (names) {
    case Names::kMethod:
      return method_names();
    case Names::kData:
      words = data_names();
      words.push_back("@file");
      return words;
    case Names::kPreset:
      words = preset_names();
      words.push_back("@file");
      return words;
    case Names::kRun:
    case Names::kFolder:
      return {"@folder"};
    case Names::kFile:
      return {"@file"};
    case Names::kText:
      return {};
  }
  return words;
}

Words verbs(const std::string& first, size_t position) {
  Words words = {"--help", "--version"};
  if (position == 1) words.clear();
  for (const Command& command : all_commands()) {
    size_t space = command.name.find(' ');
    if (position == 0)
      words.push_back(command.name.substr(0, space));
    else if (command.name.substr(0, space) == first)
      words.push_back(command.name.substr(space + 1));
  }
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

/// The option whose value the next word is, or null.
const Option* awaits_value(const Command& command, const std::string& word) {
  for (const Group& group : command.groups) {
    for (const Option& option : group.options) {
      bool named = word == option.field.flag() || (option.letter != 0 && word == std::string("-") + option.letter);
      if (named && option.field.type != "bool") return &option;
    }
  }
  return nullptr;
}

/// How many positionals the words hold.
size_t positionals_in(const Command& command, const Words& words) {
  size_t count = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    bool value = i > 0 && awaits_value(command, words[i - 1]) != nullptr;
    if (!value && words[i].rfind('-', 0) != 0) ++count;
  }
  return count;
}

Words of_positional(const Command& command, size_t position) {
  if (command.positionals.empty()) return {};
  const Positional& last = command.positionals.back();
  if (position >= command.positionals.size() && last.count != Count::kMany) return {};
  const Positional& positional = command.positionals[std::min(position, command.positionals.size() - 1)];
  return positional.choices.empty() ? named(positional.names) : positional.choices;
}

Command with_method_of(const Command& table, const Words& words) {
  if (table.method_settings) {
    for (const MethodEntry& method : methods()) {
      if (std::find(words.begin(), words.end(), method.name) != words.end()) return with_settings_of(table, method);
    }
  }
  return table;
}

}  // namespace

std::string completion_script(const std::string& shell) {
  return shell == "bash" ? kBash : shell == "zsh" ? kZsh : kFish;
}

std::vector<std::string> candidates(const std::vector<std::string>& words) {
  if (words.size() <= 1) return verbs("", 0);
  bool parts = !parts_of(words[0]).empty();
  if (parts && words.size() == 2) return verbs(words[0], 1);
  Found found{nullptr, 0};
  try {
    found = find_command(words);
  } catch (const ArgumentError&) {
    return {};
  }
  Words before(words.begin() + static_cast<std::ptrdiff_t>(found.words), words.end() - 1);
  Command command = with_method_of(*found.command, before);
  if (const Option* option = before.empty() ? nullptr : awaits_value(command, before.back())) {
    return option->field.range.choices.empty() ? named(option->names) : option->field.range.choices;
  }
  if (words.back().rfind('-', 0) == 0) return flags_of(command);
  return of_positional(command, positionals_in(command, before));
}

}  // namespace cleave::cli
