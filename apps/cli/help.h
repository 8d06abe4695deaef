// Help pages, written from the tables of the verbs.
#pragma once

#include <string>

#include "apps/cli/command.h"

namespace cleave::cli {

/// The page of `cleave --help`.
std::string overview();

/// The page of a verb with parts: `cleave data --help`.
std::string overview_of_parts(const std::string& word);

/// The page of one verb: usage, options with defaults and ranges, examples.
std::string page(const Command& command);

/// Two columns: each left text with its right text, wrapped to the width of the terminal.
std::string columns(const std::vector<std::pair<std::string, std::string>>& rows);

/// The options of a group as two columns: "--latent-dim INT" and "Dimension D of z. (>= 1; default 10)".
std::string options_page(const Group& group);

}  // namespace cleave::cli
