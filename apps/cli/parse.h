// From the words of a command line to texts by option name; what they mean is settled in settle.h.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "apps/cli/command.h"

namespace cleave::cli {

struct Typed {
  std::vector<std::string> positionals;
  std::map<std::string, std::string> flags;  ///< by option name: {"latent_dim", "5"}; a bool is "true" or "false"
  std::vector<std::string> unknown;          ///< "--latnt-dim"
  bool help = false;
};

/// The words after the verb, sorted into the options of its table and the rest.
/// Throws ArgumentError for an option without a value or given twice.
Typed parse(const Command& command, const std::vector<std::string>& words);

/// The name of a positional in the invocation: "data" for DATA.
std::string key_of(const Positional& positional);

/// Positionals by lower-case name. Throws ArgumentError when there are too few or too many, or one is no allowed word.
/// Those in `already_known` (from a configuration file) may be missing from the words.
Settings named_positionals(const Command& command, const std::vector<std::string>& words,
                           const Settings& already_known = Settings::object());

/// Every flag of a table: "--latent-dim", and "--no-flag" too for a bool.
std::vector<std::string> flags_of(const Command& command);

}  // namespace cleave::cli
