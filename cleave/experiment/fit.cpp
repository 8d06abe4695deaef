#include "cleave/experiment/fit.h"

#include <algorithm>

#include <ATen/Parallel.h>
#include <torch/version.h>

#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/base/text.h"
#include "cleave/base/version.h"
#include "cleave/experiment/pretrained.h"
#include "cleave/experiment/products.h"
#include "cleave/models/registry.h"
#include "cleave/training/checkpoint.h"
#include "cleave/training/train.h"

namespace cleave::experiment {

namespace {

struct Prepared {
  FittedModel fitted;
  data::GivenLabels labels;
};

data::GivenLabels labels_for(const model::Method& method, const DataConfig& config, const data::Dataset& dataset) {
  require<ArgumentError>(config.labels.empty() || method.learns_from_labels,
                         "--labels: {} does not learn from labels; leave it out", method.name);
  require<ArgumentError>(!config.labels.empty() || !method.learns_from_labels,
                         "{} learns from labels: give --labels own, a csv file, or the folder of a run that clusters",
                         method.name);
  return config.given_labels(dataset);
}

/// The untrained method with its transforms, and the labels that it is given. "auto" is decided on the way, and the
/// decisions go into the config.
Prepared prepare(RunConfig& config, const data::Dataset& dataset) {
  const model::Method& method = models::find_method(config.method);
  Randomness random(static_cast<uint64_t>(config.seed));
  auto [fitted, labels] = Prepared{{}, labels_for(method, config.data, dataset)};
  fitted.method = config.method;
  fitted.largest = dataset.largest;
  fitted.feature_names = dataset.feature_names;
  if (config.data.labels == "own") fitted.class_names = labels.names;
  fitted.pipeline = data::Pipeline::fit(split(config.data.transform, ','), dataset, random.child("transforms"),
                                        method.wants_raw_counts(config.settings, dataset.kind));
  data::View view(dataset, fitted.pipeline);
  view.give(labels);
  fitted.description = view.describe();
  fitted.settings = method.resolve(config.settings, fitted.description);
  const auto clusters = fitted.settings.find("clusters");
  if (clusters != fitted.settings.end() && clusters->is_number_integer()) {
    require<ArgumentError>(*clusters <= dataset.size(), "--clusters: {} asked of {} examples", clusters->get<int64_t>(),
                           dataset.size());
  }
  fitted.model = method.make(fitted.settings, fitted.description, random);
  const auto stages = fitted.model->stages();
  const bool sees_batches = std::any_of(stages.begin(), stages.end(), [](const auto& s) { return !s.closed_form; });
  require<ArgumentError>(sees_batches || config.data.augmentation().none(),
                         "{} looks at all examples at once, never at altered copies; leave out --augment-rotation, "
                         "--augment-shift and --augment-scale",
                         config.method);
  config.data.transform = join(fitted.pipeline.names(), ",");
  config.settings = fitted.settings;
  config.training = config.training.resolved();
  return {std::move(fitted), std::move(labels)};
}

/// What is said of the labels; nothing when there are none.
Settings described(const data::GivenLabels& labels) {
  if (!labels.classes.defined()) return {};
  return {{"labels",
           {{"given", labels.classes.ge(0).sum().item<int64_t>()},
            {"classes", labels.class_count()},
            {"xxh3_64", labels.checksum()}}}};
}

Settings provenance(const RunConfig& config, const data::Dataset& dataset, const data::GivenLabels& labels,
                    const Settings& circumstances) {
  Settings result = {
      {"cleave", kVersion},
      {"commit", build_commit()},
      {"libtorch", TORCH_VERSION},
      {"threads", at::get_num_threads()},
      {"precision", config.training.precision},
      {"seed", config.seed},
      {"data",
       {{"name", dataset.name}, {"n", dataset.size()}, {"width", dataset.width()}, {"xxh3_64", dataset.checksum()}}}};
  if (Settings of_labels = described(labels); !of_labels.empty()) result.update(of_labels);
  result.update(circumstances);
  return result;
}

void check_same_labels(const RunFolder& run, const data::GivenLabels& labels) {
  Settings now = described(labels), before = run.provenance().value("labels", Settings());
  require<DataError>((now.empty() ? Settings() : now["labels"]) == before,
                     "{}: these are not the labels that {} was started with; a run can only be resumed with the same",
                     run.config().data.labels, run.path().string());
}

void check_same_data(const RunFolder& run, const data::Dataset& dataset) {
  require<DataError>(
      run.was_started_on(dataset),
      "{}: these are not the data that {} was started on; a run can only be resumed on the same data (checksum {})",
      run.config().data.name, run.path().string(), run.provenance().value("/data/xxh3_64"_json_pointer, ""));
}

void say_where(const RunFolder& run, const model::Model& model, Host& host) {
  auto checkpoint = training::load_newest_checkpoint(run.checkpoints());
  if (!checkpoint) return host.note("there is no checkpoint yet: starting from the beginning");
  auto stages = model.stages();
  const model::Step& next = checkpoint->next;
  bool done = next.stage >= static_cast<int64_t>(stages.size());
  std::string place = done ? "after the last stage"
                           : fmt::format("in stage {}, epoch {} of {}", stages[next.stage].name, next.epoch + 1,
                                         stages[next.stage].epochs);
  host.note(fmt::format("restored settings, seed, parameters, optimiser and log: going on from step {}, {}", next.index,
                        place));
}

Progress fit(const RunFolder& run, const Prepared& prepared, const data::Dataset& dataset, Host& host,
             const std::optional<RunFolder>& pretrained = std::nullopt) {
  const RunConfig& config = run.config();
  const FittedModel& fitted = prepared.fitted;
  data::View view(dataset, fitted.pipeline, config.data.augmentation());
  view.give(prepared.labels);
  Settings start = {{"event", "start"},     {"schema", 1},         {"method", config.method},
                    {"data", dataset.name}, {"n", dataset.size()}, {"seed", config.seed}};
  RunRecorder recorder(run.events(), start, Monitor(view, dataset.labels), fitted.model->stages().size(), host);
  if (pretrained) begin_after_pretraining(run, fitted, recorder, *pretrained);
  training::Outcome outcome =
      training::train(*fitted.model, view, config.training, Randomness(static_cast<uint64_t>(config.seed)), recorder,
                      run.checkpoints());
  if (outcome.finished) {
    recorder.end(outcome.steps);
    write_products(run, fitted, dataset, view);
  }
  return {outcome.finished, outcome.steps, outcome.epochs, recorder.elapsed()};
}

/// Clears away what a killed process left.
void sweep(const RunFolder& run) {
  sweep_temporaries(run.path());
  sweep_temporaries(run.checkpoints());
}

/// What the log of a finished run says.
Progress progress_of(const RunFolder& run) {
  Progress progress{.finished = true};
  for (const Settings& event : read_events(run.events())) {
    progress.epochs += event["event"] == "epoch" || event["event"] == "iteration";
    progress.steps = event.value("steps", progress.steps);
    progress.seconds = event.value("seconds", progress.seconds);
  }
  return progress;
}

}  // namespace

Progress train(RunConfig config, const data::Dataset& dataset, const std::filesystem::path& out,
               const Settings& circumstances, Host& host, const std::optional<RunFolder>& pretrained,
               const Settings& choosing_k) {
  Prepared prepared = prepare(config, dataset);
  if (pretrained) require_same_pretraining(config, prepared.fitted, dataset.checksum(), *pretrained);
  Settings ran_with = provenance(config, dataset, prepared.labels, circumstances);
  if (pretrained) ran_with["pretrained"] = std::filesystem::absolute(pretrained->path()).string();
  RunFolder run = RunFolder::create(out, config, ran_with, choosing_k);
  host.note("run folder: " + out.string());
  try {
    return fit(run, prepared, dataset, host, pretrained);
  } catch (const ArgumentError&) {  // the method cannot have these data: a folder without a step in it helps nobody
    auto checkpoint = training::load_newest_checkpoint(run.checkpoints());
    if (!checkpoint || checkpoint->next.index == 0) std::filesystem::remove_all(out);
    throw;
  }
}

Progress resume(const RunFolder& run, const data::Dataset& dataset, Host& host) {
  FolderLock lock(run.path());
  sweep(run);
  if (run.finished()) {
    host.note("the run is finished already");
    return progress_of(run);
  }
  check_same_data(run, dataset);
  run.add_commit(build_commit());
  RunConfig config = run.config();
  Prepared prepared = prepare(config, dataset);
  check_same_labels(run, prepared.labels);
  say_where(run, *prepared.fitted.model, host);
  return fit(run, prepared, dataset, host);
}

}  // namespace cleave::experiment
