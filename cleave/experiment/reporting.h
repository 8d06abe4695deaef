// A run folder's report.
#pragma once

#include "cleave/experiment/finished_run.h"

namespace cleave::experiment {

/// Writes report.html and figures/ into the run's folder, from its log, its model and its evaluation where there is
/// one. Throws RunError when they cannot be written, CorruptFileError for a damaged log or evaluation.
void write_report(const FinishedRun& run);

}  // namespace cleave::experiment
