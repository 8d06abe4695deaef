// A run that begins where the first stage of another one has ended. Clusterers of the codes of one autoencoder, seed by
// seed the same, need it trained once.
#pragma once

#include "cleave/experiment/fitted_model.h"
#include "cleave/experiment/run_folder.h"
#include "cleave/experiment/run_recorder.h"

namespace cleave::experiment {

/// Throws ArgumentError naming what differs unless `other` is a finished run whose first stage gives what that of
/// `untrained`, fitted as `config` says to data of checksum `checksum`, would give: the same data, seed, way of
/// training and parameters, the same value of every setting that both methods have, and no gradient after the first
/// stage.
void require_same_pretraining(const RunConfig& config, const FittedModel& untrained, const std::string& checksum,
                              const RunFolder& other);

/// Gives the new run `run` the log and the checkpoint that it would have after its own first stage. What follows is the
/// same as ever; bit for bit, where both runs have as many threads. Throws RunError when they cannot be written.
void begin_after_pretraining(const RunFolder& run, const FittedModel& untrained, RunRecorder& recorder,
                             const RunFolder& other);

}  // namespace cleave::experiment
