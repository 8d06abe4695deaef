// The only observer of training. It writes down what happens and never changes it.
#pragma once

#include <string>
#include <vector>

#include "cleave/base/fields.h"
#include "cleave/model/model.h"

namespace cleave::training {

/// Mean of one term of the objective over an epoch.
struct TermMean {
  std::string name;
  double nats = 0;  ///< per example, unweighted
  double weight = 1;
};

struct EpochSummary {
  std::vector<TermMean> terms;
  double learning_rate = 0;  ///< of the stage's first parameter group, at the last step
};

class Recorder : public model::Observer {
 public:
  /// A stage begins (or goes on, after a resume: then `at` is not its first step).
  virtual void stage(const model::Stage&, const model::Step& at) {}
  /// A gradient step ended. `nats` is the weighted loss per example.
  virtual void step(const model::Stage&, const model::Step&, double nats) {}
  /// An epoch of a gradient stage ended. The model may be asked anything; no randomness of training is touched.
  virtual void epoch(const model::Stage&, const model::Step&, model::Model&, const EpochSummary&) {}
  /// An iteration of a closed-form stage ended.
  virtual void iteration(const model::Stage&, const model::Step&, model::Model&, const model::Iteration&) {}
  /// A checkpoint is on disk.
  virtual void checkpoint(const model::Step&) {}

  /// Seconds since any fixed moment.
  virtual double seconds() = 0;

  /// What the recorder must find again when the run is resumed; saved inside every checkpoint.
  virtual Settings state() { return Settings::object(); }
  virtual void restore(const Settings& state) {}
};

}  // namespace cleave::training
