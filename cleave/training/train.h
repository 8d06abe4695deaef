// The loop: every method is fitted by it.
#pragma once

#include <filesystem>

#include "cleave/base/random.h"
#include "cleave/data/view.h"
#include "cleave/model/model.h"
#include "cleave/training/config.h"
#include "cleave/training/recorder.h"

namespace cleave::training {

struct Outcome {
  bool finished = false;  ///< false when the recorder asked to stop; a checkpoint has been written then
  int64_t steps = 0;      ///< since the start of the run, resumed parts included
  int64_t epochs = 0;     ///< gradient epochs and closed-form iterations, likewise
};

/// Fits the model from the newest checkpoint in `checkpoints`, or from its initial state when there is none.
/// The same model, data, config and seed give the same parameters bit for bit, however often the run is stopped.
///
/// Throws NumericalError when a term is not finite, naming term, stage, epoch and rows, with the model back at the last
/// checkpoint; RunError when a checkpoint cannot be written.
Outcome train(model::Model& model, const data::View& view, const TrainConfig& config, const Randomness& random,
              Recorder& recorder, const std::filesystem::path& checkpoints);

}  // namespace cleave::training
