// From a request to a finished run folder.
#pragma once

#include <filesystem>
#include <optional>

#include "cleave/data/dataset.h"
#include "cleave/experiment/fitted_model.h"
#include "cleave/experiment/run_folder.h"
#include "cleave/experiment/run_recorder.h"

namespace cleave::experiment {

/// How far a run has come.
struct Progress {
  bool finished = false;  ///< false: it was asked to stop, and `cleave resume` goes on from its checkpoint
  int64_t steps = 0;      ///< since the start of the run, stopped parts included
  int64_t epochs = 0;     ///< gradient epochs and closed-form iterations, likewise
  double seconds = 0;     ///< likewise
};

/// Makes the run folder `out` and fits. Every "auto" of the config is decided from the data first.
/// `circumstances` go into provenance.json beside what the library knows itself: command, machine, time.
/// `pretrained`, if any, is a finished run whose first stage is taken over instead of done again, see pretrained.h.
/// `choosing_k` is kept as choosing_k.json (choosing_k.h) unless it is null.
/// Throws ArgumentError for a folder in use, a setting that cannot be (found before the first step, the folder is
/// taken away again) or another first stage than this run's, RunError and its kin when fitting fails.
Progress train(RunConfig config, const data::Dataset& dataset, const std::filesystem::path& out,
               const Settings& circumstances, Host& host, const std::optional<RunFolder>& pretrained = std::nullopt,
               const Settings& choosing_k = {});

/// Goes on with a stopped run exactly as if it had never stopped. A finished run stays as it is.
/// Throws DataError when the data are not those that the run was started on, CorruptFileError for damaged files.
Progress resume(const RunFolder& run, const data::Dataset& dataset, Host& host);

}  // namespace cleave::experiment
