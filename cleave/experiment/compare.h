// Several runs side by side.
#pragma once

#include <filesystem>
#include <vector>

#include "cleave/base/fields.h"

namespace cleave::experiment {

/// One object per run, in the order given: its evaluation (see evaluate.h), its "seconds" of fitting, and "settings",
/// those of the method, the data and the training in which the runs differ. Throws ArgumentError for a run without
/// evaluation.
Settings compare(const std::vector<std::filesystem::path>& runs);

}  // namespace cleave::experiment
