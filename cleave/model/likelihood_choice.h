// Which likelihood "auto" stands for.
#pragma once

#include <string>

#include "cleave/base/fields.h"
#include "cleave/data/view.h"

namespace cleave::model {

/// `given` unless it is "auto": then bernoulli for data in [0, 1], negative-binomial for raw counts, else gaussian.
/// Throws ArgumentError when the given one does not fit the data.
std::string choose_likelihood(const std::string& given, const data::Description& data);

/// A config of which "auto" is decided.
template <class Config>
Config with_likelihood(Config config, const data::Description& data) {
  config.likelihood = choose_likelihood(config.likelihood, data);
  return config;
}

/// Whether a method with these settings models counts as they are: then no transform should touch them.
bool models_raw_counts(const Settings& given, data::Kind kind);

}  // namespace cleave::model
