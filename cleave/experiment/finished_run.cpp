#include "cleave/experiment/finished_run.h"

#include "cleave/base/error.h"

namespace cleave::experiment {

namespace {

RunFolder open_folder(const std::filesystem::path& run) {
  RunFolder folder = RunFolder::open(run);
  require<ArgumentError>(folder.finished(), "{}: the run is not finished; continue it with `cleave resume {}`",
                         run.string(), run.string());
  return folder;
}

}  // namespace

FittedModel open_fitted(const std::filesystem::path& run) {
  return load_fitted_model(open_folder(run).model_file());
}

FinishedRun open_finished(const std::filesystem::path& run, const std::optional<DataConfig>& other) {
  RunFolder folder = open_folder(run);
  FittedModel fitted = load_fitted_model(folder.model_file());
  data::Dataset dataset = fitted.adapted((other ? *other : folder.config().data).open());
  return {std::move(folder), std::move(fitted), std::move(dataset), !other};
}

}  // namespace cleave::experiment
