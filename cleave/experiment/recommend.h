// Which method to begin with, for somebody who has data and a question.
#pragma once

#include <string>

#include "cleave/base/random.h"
#include "cleave/classical/rows.h"
#include "cleave/data/dataset.h"
#include "cleave/experiment/run_config.h"

namespace cleave::experiment {

struct Recommendation {
  std::string method;
  Settings settings = Settings::object();
  Settings data = Settings::object();  ///< of DataConfig: how images are altered
  std::string reason;                  ///< one sentence
};

/// The method for this kind and amount of data. `clusters` 0 leaves their number to the method. With `altered` images
/// go to a method that learns from altered copies. Labels are not looked at.
Recommendation recommend(const data::Dataset& dataset, int64_t clusters, bool altered = false);

/// The shape of its components, "diag" or "full", that BIC favours for a mixture of x [N, X], the likeliest of 20 each.
/// Throws Interrupted.
std::string favoured_covariance(const Tensor& x, int64_t clusters, const Randomness& random,
                                const classical::ShouldStop& should_stop = {});

/// The `cleave train` line that does the same as this config.
std::string train_line(const RunConfig& config);

}  // namespace cleave::experiment
