// A finished run and data to ask it about: where every verb on runs begins.
#pragma once

#include <filesystem>
#include <optional>

#include "cleave/analysis/answers.h"
#include "cleave/data/dataset.h"
#include "cleave/experiment/fitted_model.h"
#include "cleave/experiment/run_folder.h"

namespace cleave::experiment {

struct FinishedRun {
  RunFolder folder;
  FittedModel fitted;
  data::Dataset dataset;
  bool own_data = true;  ///< the data are those that the run was fitted to

  /// The data as the method sees them: transformed, not augmented.
  data::View view() const { return {dataset, fitted.pipeline}; }

  /// Codes and clusters of every example.
  analysis::Answers answers() const { return analysis::ask(*fitted.model, view()); }
};

/// The fitted method of a run, without its data. Throws as open_finished().
FittedModel open_fitted(const std::filesystem::path& run);

/// Opens a run with its own data, or with others. Throws ArgumentError for a run that is not finished (and says how to
/// resume it), CorruptFileError for a damaged one, DataError when the examples do not have the width it was fitted to,
/// or are the run's own and have changed since.
FinishedRun open_finished(const std::filesystem::path& run, const std::optional<DataConfig>& other = std::nullopt);

/// The data that a run was started on. A DataError says what to do where they are no longer there.
data::Dataset open_own_data(const RunFolder& run);

/// Throws DataError unless these are the examples that the run was fitted to.
void require_own_data(const RunFolder& run, const data::Dataset& dataset);

}  // namespace cleave::experiment
