// Schedules: pure functions of the step. Nothing counts in secret, so a resumed run sees the same values.
#pragma once

#include <cstdint>
#include <functional>

namespace cleave::model {

/// Where training stands. All counts start at 0.
struct Step {
  int64_t stage = 0;    ///< which entry of Model::stages()
  int64_t epoch = 0;    ///< within the stage; for closed-form stages the iteration
  int64_t batch = 0;    ///< within the epoch
  int64_t epochs = 1;   ///< of the stage
  int64_t batches = 1;  ///< per epoch
  int64_t index = 0;    ///< since the start of the run, over all stages

  /// Share of the stage that is done, in [0, 1).
  double progress() const {
    return (static_cast<double>(epoch) + static_cast<double>(batch) / static_cast<double>(batches)) /
           static_cast<double>(epochs);
  }
};

/// Passes over so many examples that make about `batches` batches of 256, at least `least` and at most `most`: what a
/// network learns goes by its steps more than by its passes.
int64_t epochs_worth(int64_t batches, int64_t examples, int64_t least, int64_t most);

using Schedule = std::function<double(const Step&)>;

Schedule constant(double value);

/// value * factor^(epoch / every), never below `floor` (Jiang et al. 2017 use factor .9 every 10 epochs).
Schedule step_decay(double value, double factor, int64_t every, double floor = 0);

/// A straight line over the stage, from `first` to `last`.
Schedule linear(double first, double last);

/// From `first` to `last` over the stage, by the same factor in each part of it. Both above 0.
Schedule exponential(double first, double last);

/// Half a cosine over the stage, from `first` down to `last`.
Schedule cosine(double first, double last = 0);

/// Up from peak / 25 to the peak over the first `rise` of the stage, then by a cosine to about 0 (Smith & Topin 2018).
Schedule one_cycle(double peak, double rise = 0.3);

/// Up to 1 as 1 - exp(-t / steps), t = 1 in the first step of the stage; always 1 for 0 steps.
Schedule saturating(double steps);

/// `schedule`, scaled up linearly from 0 over the first `epochs` epochs of the stage.
Schedule warm_up(Schedule schedule, double epochs);

}  // namespace cleave::model
