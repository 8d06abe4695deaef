// A run folder's report.
#pragma once

#include "cleave/experiment/finished_run.h"
#include "cleave/experiment/run_recorder.h"

namespace cleave::experiment {

/// Writes report.html and figures/ into the run's folder, from its log, its model, its evaluation where there is one
/// and its map, which is drawn where it lacks (mapping.h, ensure_map). Throws RunError when they cannot be written,
/// CorruptFileError for a damaged log, evaluation or map, Interrupted.
void write_report(const FinishedRun& run, Host& host);

}  // namespace cleave::experiment
