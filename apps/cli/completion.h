// Completion in shells. The scripts ask the command itself for candidates, so they never disagree with it.
#pragma once

#include <string>
#include <vector>

namespace cleave::cli {

/// The script for "bash", "zsh" or "fish".
std::string completion_script(const std::string& shell);

/// What the last of the words (those after `cleave`, the last one perhaps empty) may become, one candidate each.
/// "@file" and "@folder" stand for paths, which the shell completes itself.
std::vector<std::string> candidates(const std::vector<std::string>& words);

}  // namespace cleave::cli
