// What a run was asked to do, with every "auto" decided: the content of config.toml.
#pragma once

#include <cstdint>
#include <string>

#include "cleave/base/fields.h"
#include "cleave/data/given_labels.h"
#include "cleave/data/open.h"
#include "cleave/data/transforms.h"
#include "cleave/experiment/data_options.h"
#include "cleave/training/config.h"

namespace cleave::experiment {

/// Which data, and how they are changed before a method sees them.
struct DataConfig : DataOptions {
  /// The data set that this asks for. Throws as data::open and with_artificial().
  data::Dataset open() const;

  /// The labels that this asks for, none when `labels` is empty. Throws DataError as data::read_labels() and
  /// own_labels() do, ArgumentError when settings contradict each other.
  data::GivenLabels given_labels(const data::Dataset& dataset) const;

  data::Augmentation augmentation() const { return {augment_rotation, augment_shift, augment_scale}; }
};

struct RunConfig {
  std::string method;                      ///< a registered name
  Settings settings = Settings::object();  ///< the method's
  DataConfig data;
  training::TrainConfig training;
  int64_t seed = 0;
};

/// The config as TOML text that `cleave train --config` takes too; parse_config gives the same config back.
std::string to_toml(const RunConfig& config);

/// From {"seed", "data": {...}, "training": {...}, "method": {"name", ...}}; what is absent within a section takes its
/// default. Throws ArgumentError or nlohmann's exceptions.
RunConfig run_config(const Settings& all);

/// Throws CorruptFileError that starts with `origin` and names line and column, or the setting, that is wrong.
RunConfig parse_config(const std::string& toml, const std::string& origin);

}  // namespace cleave::experiment
