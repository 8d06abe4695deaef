#include "cleave/experiment/run_recorder.h"

namespace cleave::experiment {

using model::Stage;
using model::Step;

EventLog& RunRecorder::log() {
  if (!log_) {
    log_ = std::make_unique<EventLog>(path_, 0);
    write(start_);
  }
  return *log_;
}

void RunRecorder::write(const Settings& event) {
  log().append(event);
  host_.event(event);
}

void RunRecorder::note(const std::string& text) {
  // Before the log is open, a note is about the act of resuming: an unbroken run would not have it.
  if (log_)
    write({{"event", "note"}, {"step", step_}, {"text", text}});
  else
    host_.note(text);
}

void RunRecorder::stage(const Stage& stage, const Step& at) {
  if (at.stage == announced_stage_) return;
  write({{"event", "stage"}, {"stage", at.stage}, {"name", stage.name}, {"epochs", stage.epochs}});
  announced_stage_ = at.stage;
}

void RunRecorder::step(const Stage& stage, const Step& at, double nats) {
  step_ = at.index;
  host_.step(stage, at, nats);
}

void RunRecorder::epoch(const Stage& stage, const Step& at, model::Model& model,
                        const training::EpochSummary& summary) {
  step_ = at.index;
  Settings terms = Settings::object();
  for (const auto& term : summary.terms)
    terms[term.name] = {{"nats", term.nats}, {"weight", term.weight}};
  Settings event = {{"event", "epoch"},
                    {"stage", stage.name},
                    {"epoch", at.epoch},
                    {"step", at.index},
                    {"seconds", elapsed()},
                    {"terms", terms},
                    {"learning_rate", summary.learning_rate}};
  // Clusters mean something in the last stage only: before it they wait for their initialisation.
  bool last = at.stage + 1 == static_cast<int64_t>(stages_);
  Settings measures = last ? monitor_.measure(model) : Settings::object();
  event.update(measures);
  const bool power_of_two = ((at.epoch + 1) & at.epoch) == 0;
  if (last && (power_of_two || at.epoch + 1 == at.epochs)) {
    Settings snapshot = monitor_.snapshot(model);
    if (!snapshot.is_null()) event["snapshot"] = std::move(snapshot);
  }
  write(event);
  for (const std::string& finding : collapse_.observe(measures))
    note(finding);
}

void RunRecorder::iteration(const Stage& stage, const Step& at, model::Model&, const model::Iteration& iteration) {
  step_ = at.index;
  Settings values = Settings::object();
  for (const auto& [name, value] : iteration.values)
    values[name] = value;
  write({{"event", "iteration"},
         {"stage", stage.name},
         {"iteration", at.epoch},
         {"step", at.index},
         {"seconds", elapsed()},
         {"values", values}});
}

void RunRecorder::end(int64_t steps) {
  write({{"event", "end"}, {"steps", steps}, {"seconds", elapsed()}});
}

void RunRecorder::adopt(const std::vector<Settings>& first_stage) {
  announced_stage_ = 0;
  for (const Settings& event : first_stage) {
    write(event);
    step_ = event.value("step", step_);
    seconds_before_ = event.value("seconds", seconds_before_);
  }
}

Settings RunRecorder::state() {
  return {{"log_bytes", log().sync()},
          {"seconds", elapsed()},
          {"stage", announced_stage_},
          {"step", step_},
          {"collapse", collapse_.state()}};
}

void RunRecorder::restore(const Settings& state) {
  log_ = std::make_unique<EventLog>(path_, state.at("log_bytes").get<uint64_t>());
  seconds_before_ = state.at("seconds").get<double>();
  announced_stage_ = state.at("stage").get<int64_t>();
  step_ = state.at("step").get<int64_t>();
  collapse_.restore(state.at("collapse"));
}

}  // namespace cleave::experiment
