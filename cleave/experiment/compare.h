// Several runs side by side.
#pragma once

#include <filesystem>
#include <vector>

#include "cleave/base/fields.h"
#include "cleave/report/comparison_report.h"

namespace cleave::experiment {

/// One object per run, in the order given: its evaluation (see evaluate.h), its "seconds" of fitting, and "settings",
/// those of the method, the data and the training in which the runs differ. Throws ArgumentError for a run without
/// evaluation.
Settings compare(const std::vector<std::filesystem::path>& runs);

/// What compare() gave, with the figures of each run's report: what a page of them is made of. Throws RunError for a
/// figure that cannot be read.
std::vector<report::ComparedRun> with_figures(const Settings& compared);

}  // namespace cleave::experiment
