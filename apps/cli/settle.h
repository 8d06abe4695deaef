// From words to an invocation: which verb, which method, and the value of every option.
//
// A flag wins over the configuration file, that over the preset, that over the environment, that over the default.
#pragma once

#include <string>
#include <vector>

#include "apps/cli/command.h"
#include "apps/cli/invocation.h"

namespace cleave::cli {

struct Request {
  Command command;    ///< with the settings of its method, when one is named
  bool help = false;  ///< the words ask for help: the invocation is empty
  Invocation invocation;
};

/// Throws ArgumentError, with a suggestion where a word is close to a known one.
Request settle(const Command& command, const std::vector<std::string>& words);

}  // namespace cleave::cli
