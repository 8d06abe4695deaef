// Data as the options of a verb name it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/cli/invocation.h"
#include "cleave/data/open.h"
#include "cleave/data/registered.h"

namespace cleave::cli {

/// The data group of options.
data::OpenOptions open_options(const Invocation& invocation);

/// The files of a registered set that are not under `root`; empty when it can be opened.
std::vector<std::string> missing_files(const data::RegisteredSet& set, const std::filesystem::path& root);

/// The registered sets whose files all lie under `root`.
std::vector<std::string> sets_at_hand(const std::filesystem::path& root);

}  // namespace cleave::cli
