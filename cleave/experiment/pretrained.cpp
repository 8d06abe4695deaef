#include "cleave/experiment/pretrained.h"

#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/experiment/finished_run.h"
#include "cleave/training/checkpoint.h"

namespace cleave::experiment {

namespace {

/// The events of the first stage, between those that announce it and the next.
std::vector<Settings> first_stage(const RunFolder& run) {
  std::vector<Settings> result;
  for (Settings& event : read_events(run.events())) {
    if (event["event"] == "start") continue;
    if (event["event"] == "stage" && event["stage"] != 0) break;
    result.push_back(std::move(event));
  }
  return result;
}

/// Whether nothing after the first stage trains parameters.
bool is_pretraining(const std::vector<model::Stage>& stages) {
  return stages.size() > 1 && !stages[0].closed_form &&
         std::all_of(stages.begin() + 1, stages.end(), [](const model::Stage& stage) { return stage.closed_form; });
}

}  // namespace

void require_same_pretraining(const RunConfig& config, const FittedModel& untrained, const std::string& checksum,
                              const RunFolder& other) {
  const std::string path = other.path().string();
  const RunConfig& there = other.config();
  auto same = [&](const std::string& what, const Settings& here, const Settings& found) {
    require<ArgumentError>(here == found, "{}: its first stage is not that of this run: {} is {} there and {} here",
                           path, what, found.dump(), here.dump());
  };
  auto same_where_both = [&](const Settings& here, const Settings& found) {
    for (const auto& [name, value] : here.items())
      if (found.contains(name)) same(name, value, found[name]);
  };
  const FittedModel trained = open_fitted(other.path());
  const auto stages = untrained.model->stages(), stages_there = trained.model->stages();
  require<ArgumentError>(is_pretraining(stages) && is_pretraining(stages_there),
                         "{} and {}: only a first stage by gradient, with none by gradient after it, can be taken over",
                         config.method, there.method);
  require<ArgumentError>(
      std::none_of(stages_there.begin(), stages_there.end(), [](const model::Stage& stage) { return stage.rescales; }),
      "{}: {} has changed the network since its first stage; take the run of another method", path, there.method);
  same("the checksum of the data", checksum, other.provenance().value("/data/xxh3_64"_json_pointer, ""));
  same("seed", config.seed, there.seed);
  Settings data = to_settings(config.data);
  for (const char* place : {"name", "data_root"})
    data.erase(place);  // it is what the files hold that counts
  same_where_both(data, to_settings(there.data));
  same_where_both(to_settings(config.training), to_settings(there.training));
  same_where_both(config.settings, there.settings);
  same("the name of the stage", stages[0].name, stages_there[0].name);
  same("its epochs", stages[0].epochs, stages_there[0].epochs);
  auto shapes = [](const model::Model& model) {
    Settings result;
    for (const auto& parameter : model.named_parameters())
      result[parameter.key()] = parameter.value().sizes().vec();
    return result;
  };
  same("its parameters", shapes(*untrained.model), shapes(*trained.model));
}

void begin_after_pretraining(const RunFolder& run, const FittedModel& untrained, RunRecorder& recorder,
                             const RunFolder& other) {
  const model::Stage stage = untrained.model->stages()[0];
  const int64_t batches = run.config().training.batches(untrained.description.size);
  training::Checkpoint at{.next = {.stage = 1, .index = stage.epochs * batches}, .epochs = stage.epochs};
  at.model = training::model_tensors(*untrained.model);
  for (const auto& parameter : open_fitted(other.path()).model->named_parameters())
    at.model[parameter.key()] = parameter.value();
  recorder.adopt(first_stage(other));
  at.recorder = recorder.state();
  training::save_checkpoint(run.checkpoints(), at, run.config().training.keep_checkpoints);
}

}  // namespace cleave::experiment
