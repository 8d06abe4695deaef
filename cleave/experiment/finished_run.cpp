#include "cleave/experiment/finished_run.h"

#include "cleave/base/error.h"
#include "cleave/base/text.h"

namespace cleave::experiment {

namespace {

RunFolder open_folder(const std::filesystem::path& run) {
  RunFolder folder = RunFolder::open(run);
  require<ArgumentError>(folder.finished(), "{}: the run is not finished; continue it with `cleave resume {}`",
                         run.string(), shell_word(run.string()));
  return folder;
}

}  // namespace

FittedModel open_fitted(const std::filesystem::path& run) {
  return load_fitted_model(open_folder(run).model_file());
}

FinishedRun open_finished(const std::filesystem::path& run, const std::optional<DataConfig>& other) {
  RunFolder folder = open_folder(run);
  FittedModel fitted = load_fitted_model(folder.model_file());
  data::Dataset dataset = other ? other->open() : open_own_data(folder);
  if (!other) require_own_data(folder, dataset);
  dataset = fitted.adapted(std::move(dataset));
  return {std::move(folder), std::move(fitted), std::move(dataset), !other};
}

data::Dataset open_own_data(const RunFolder& run) {
  try {
    return run.config().data.open();
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}\n  {} was fitted to these data: put them back, or a link to where they are now",
                                error.what(), run.path().string()));
  }
}

void require_own_data(const RunFolder& run, const data::Dataset& dataset) {
  require<DataError>(run.was_started_on(dataset),
                     "{}: these are no longer the data that {} was fitted to; put those back, or name the new ones as "
                     "DATA where a verb takes it",
                     run.config().data.name, run.path().string());
}

}  // namespace cleave::experiment
