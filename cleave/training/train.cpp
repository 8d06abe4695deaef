#include "cleave/training/train.h"

#include <cmath>
#include <utility>

#include "cleave/base/error.h"
#include "cleave/base/text.h"
#include "cleave/training/checkpoint.h"
#include "cleave/training/optimizer.h"
#include "cleave/training/precision.h"

namespace cleave::training {

using model::Batch;
using model::Model;
using model::Objective;
using model::Stage;
using model::Step;
using model::Term;

namespace {

/// Sums of the terms over the epoch under way, kept as JSON because a checkpoint carries them.
void add(Settings& sums, const Objective& objective) {
  if (sums.is_null()) sums = {{"examples", 0}, {"terms", Settings::object()}};
  sums["examples"] = sums["examples"].get<int64_t>() + objective.terms.front().nats.numel();
  for (const Term& term : objective.terms) {
    Settings& entry = sums["terms"][term.name];
    double before = entry.is_null() ? 0 : entry["sum"].get<double>();
    entry = {{"sum", before + term.nats.sum().item<double>()}, {"weight", term.weight}};
  }
}

EpochSummary summarise(const Settings& sums, double learning_rate) {
  EpochSummary summary{{}, learning_rate};
  double examples = sums["examples"].get<double>();
  for (const auto& [name, entry] : sums["terms"].items()) {
    summary.terms.push_back({name, entry["sum"].get<double>() / examples, entry["weight"].get<double>()});
  }
  return summary;
}

/// "reconstruction is not finite for rows 5, 17 (and 3 more)".
std::string describe_failure(const Objective& objective, const Tensor& rows) {
  for (const Term& term : objective.terms) {
    Tensor bad = rows.masked_select(term.nats.isfinite().logical_not());
    if (bad.numel() == 0) continue;
    std::vector<std::string> names;
    for (int64_t i = 0; i < std::min<int64_t>(bad.numel(), 5); ++i) {
      names.push_back(std::to_string(bad[i].item<int64_t>()));
    }
    std::string more = bad.numel() > 5 ? fmt::format(" (and {} more)", bad.numel() - 5) : "";
    return fmt::format("term '{}' is not finite for rows {}{}", term.name, join(names), more);
  }
  return "the weighted sum of the terms is not finite";
}

/// Parameters only: a buffer may well hold the infinity that a search for the least starts from.
bool has_finite_parameters(const Model& model) {
  for (const Tensor& parameter : model.parameters()) {
    if (!parameter.isfinite().all().item<bool>()) return false;
  }
  return true;
}

class Run {
 public:
  Run(Model& model, const data::View& view, TrainConfig config, const Randomness& random, Recorder& recorder,
      const std::filesystem::path& checkpoints)
      : model_(model),
        view_(view),
        config_(std::move(config)),
        random_(random),
        recorder_(recorder),
        folder_(checkpoints),
        stages_(model.stages()) {}

  Outcome operator()() {
    restore();
    while (at_.next.stage < static_cast<int64_t>(stages_.size())) {
      const Stage& stage = stages_[at_.next.stage];
      if (!begin(stage) || !(stage.closed_form ? iterate(stage) : descend(stage))) return stopped();
      at_.next = {.stage = at_.next.stage + 1, .index = at_.next.index};
      at_.stage_begun = false;
      at_.optimizer.clear();
      save();
    }
    return {true, at_.next.index, at_.epochs};
  }

 private:
  void restore() {
    std::vector<std::string> passed_over;
    auto saved = load_newest_checkpoint(folder_, &passed_over);
    for (const std::string& text : passed_over)
      recorder_.note(text);
    if (saved) {
      at_ = std::move(*saved);
      load_model_tensors(model_, at_.model);
      at_.model.clear();
      recorder_.restore(at_.recorder);
    } else {
      save();
    }
    model_.eval();  // as after an epoch: closed-form stages and whoever asks a finished model expect it
    last_save_ = recorder_.seconds();
  }

  /// Calls the stage's preparation unless a resumed run is past it. False when interrupted.
  bool begin(const Stage& stage) {
    at_.next.epochs = stage.epochs;
    at_.next.batches = stage.closed_form ? 1 : config_.batches(view_.size());
    recorder_.stage(stage, at_.next);
    if (at_.stage_begun) return true;
    try {
      model_.begin_stage(stage, {view_, random_.child(stage.name), recorder_});
    } catch (const Interrupted&) {
      return false;
    }
    at_.stage_begun = true;
    return true;
  }

  bool iterate(const Stage& stage) {
    const Randomness random = random_.child(stage.name);
    for (bool finished = false; !finished && at_.next.epoch < stage.epochs;) {
      model::Iteration iteration;
      try {
        iteration = model_.iterate(stage, at_.next, {view_, random, recorder_});
      } catch (const Interrupted&) {
        return false;
      }
      recorder_.iteration(stage, at_.next, model_, iteration);
      finished = iteration.finished;
      ++at_.next.epoch, ++at_.next.index, ++at_.epochs;
      if (finished) at_.next.epoch = stage.epochs;  // a run stopped here must not iterate again
      if (!go_on()) return false;
    }
    return true;
  }

  bool descend(const Stage& stage) {
    Optimizer optimizer(model_, stage);
    if (!at_.optimizer.empty()) optimizer.restore(at_.optimizer);
    at_.optimizer = optimizer.state();
    while (at_.next.epoch < stage.epochs) {
      Tensor order = at::randperm(view_.size(), random_.stream("batches/" + stage.name, at_.next.epoch), at::kLong);
      while (at_.next.batch < at_.next.batches) {
        Tensor rows = order.narrow(0, at_.next.batch * config_.batch_size, batch_rows());
        if (stage.labelled > 0) {
          auto draw = random_.stream("labelled/" + stage.name, at_.next.index);
          rows = at::cat({rows, view_.draw_labelled(stage.labelled, draw)});
        }
        double nats = step(stage, optimizer, rows);
        recorder_.step(stage, at_.next, nats);
        ++at_.next.batch, ++at_.next.index;
        if (at_.next.batch == at_.next.batches) break;  // the epoch is recorded before anything is saved
        if (!go_on()) return false;
      }
      finish_epoch(stage, optimizer);
      if (!go_on()) return false;
    }
    return true;
  }

  int64_t batch_rows() const {
    return std::min(config_.batch_size, view_.size() - at_.next.batch * config_.batch_size);
  }

  double step(const Stage& stage, Optimizer& optimizer, const Tensor& rows) {
    const Step& at = at_.next;
    Tensor x = stage.augment ? view_.augmented_rows(rows, at.epoch, random_.stream("augmentation", at.index))
                             : view_.rows(rows, at.epoch);
    model_.train();
    Objective objective;
    {
      PrecisionScope scope(config_.precision);
      objective = model_.objective({x, rows, view_.labels(rows)}, stage, at, random_.child("step", at.index));
    }
    Tensor loss = objective.loss();
    double nats = loss.item<double>();
    if (!std::isfinite(nats)) fail(stage, describe_failure(objective, rows));
    optimizer.zero_gradients();
    loss.backward();
    if (config_.gradient_norm > 0) optimizer.clip_gradients(config_.gradient_norm);
    optimizer.step(at);
    at::NoGradGuard no_grad;
    add(at_.epoch_so_far, objective);
    return nats;
  }

  void finish_epoch(const Stage& stage, const Optimizer& optimizer) {
    Step last = at_.next;
    --last.batch, --last.index;
    EpochSummary summary = summarise(at_.epoch_so_far, optimizer.learning_rate(last));
    model_.eval();
    {
      at::NoGradGuard no_grad;
      model_.end_epoch(stage, last, {view_, random_.child("epoch/" + stage.name, last.epoch), recorder_});
    }
    recorder_.epoch(stage, last, model_, summary);
    at_.epoch_so_far = Settings();
    ++at_.next.epoch, ++at_.epochs;
    at_.next.batch = 0;
  }

  /// Saves when it is time to; false when asked to stop.
  bool go_on() {
    if (recorder_.should_stop()) return false;
    if (recorder_.seconds() - last_save_ >= config_.checkpoint_seconds) save();
    return true;
  }

  Outcome stopped() {
    save();
    return {false, at_.next.index, at_.epochs};
  }

  void save() {
    if (!has_finite_parameters(model_)) {
      fail(stages_[std::min<size_t>(at_.next.stage, stages_.size() - 1)], "a parameter of the model is not finite");
    }
    at_.model = model_tensors(model_);
    at_.recorder = recorder_.state();
    save_checkpoint(folder_, at_, config_.keep_checkpoints);
    at_.model.clear();
    last_save_ = recorder_.seconds();
    recorder_.checkpoint(at_.next);
  }

  [[noreturn]] void fail(const Stage& stage, const std::string& what) {
    std::string where = fmt::format("stage '{}', epoch {}, step {}", stage.name, at_.next.epoch, at_.next.index);
    std::string back = "the model could not be rolled back: there is no checkpoint";
    if (auto saved = load_newest_checkpoint(folder_)) {
      load_model_tensors(model_, saved->model);
      back = fmt::format("the model is back at step {}, the last checkpoint", saved->next.index);
    }
    throw NumericalError(
        fmt::format("{}: {}; {}. Try a smaller --learning-rate or --gradient-norm 5, and check the "
                    "named rows of the data.",
                    where, what, back));
  }

  Model& model_;
  const data::View& view_;
  TrainConfig config_;
  Randomness random_;
  Recorder& recorder_;
  std::filesystem::path folder_;
  std::vector<Stage> stages_;
  Checkpoint at_;  ///< where the run stands; its tensors are filled in to be saved
  double last_save_ = 0;
};

}  // namespace

Outcome train(Model& model, const data::View& view, const TrainConfig& config, const Randomness& random,
              Recorder& recorder, const std::filesystem::path& checkpoints) {
  return Run(model, view, config.resolved(), random, recorder, checkpoints)();
}

}  // namespace cleave::training
