// Data as the options of a verb name it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/cli/invocation.h"
#include "cleave/data/open.h"
#include "cleave/data/registered.h"

namespace cleave::cli {

/// The data group of options, for a verb that names its data DATA. Throws as refuse_idle_options().
data::OpenOptions open_options(const Invocation& invocation);

/// Throws ArgumentError for a flag that the data set or file `name` has no use for, so that it is not passed over in
/// silence. `draws` tells of data whose examples a run draws: those have a seed whatever the set is.
void refuse_idle_options(const Invocation& invocation, const std::string& name, bool draws = false);

/// The files of a registered set that are not under `root`; empty when it can be opened.
std::vector<std::string> missing_files(const data::RegisteredSet& set, const std::filesystem::path& root);

/// The registered sets whose files all lie under `root`.
std::vector<std::string> sets_at_hand(const std::filesystem::path& root);

}  // namespace cleave::cli
