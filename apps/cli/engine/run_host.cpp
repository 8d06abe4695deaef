#include "apps/cli/engine/run_host.h"

#include "apps/cli/engine/interrupts.h"
#include "cleave/base/text.h"

namespace cleave::cli {

double RunHost::seconds() {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

bool RunHost::should_stop() {
  return interrupted();
}

void RunHost::note(const std::string& text) {
  console_.note(text);
}

void RunHost::event(const Settings& event) {
  std::string line = event_line(event);
  if (line.empty()) return;
  progress_.reset();  // the line that it rewrites ends here
  stage_ = -1;
  if (event["event"] == "note")
    console_.warn(line);
  else
    console_.note(line);
}

void RunHost::step(const model::Stage& stage, const model::Step& at, double nats) {
  int64_t done = at.epoch * at.batches + at.batch;
  if (stage_ != at.stage) {
    progress_ = std::make_unique<Progress>(console_, stage.name, at.epochs * at.batches, done);
    stage_ = at.stage;
  }
  progress_->at(done + 1, fmt::format("epoch {} of {}, loss {:.4g}", at.epoch + 1, at.epochs, nats));
}

namespace {

std::string epoch_line(const Settings& event) {
  std::string line =
      fmt::format("{:<10} epoch {:<4}", event["stage"].get<std::string>(), event["epoch"].get<int64_t>() + 1);
  for (const auto& [name, term] : event["terms"].items()) {
    line += fmt::format("  {} {:.2f}", name, term["nats"].is_number() ? term["nats"].get<double>() : 0.0);
  }
  for (const Settings& facet : event.value("facets", Settings::array())) {
    if (facet.contains("accuracy_hungarian")) {
      line += fmt::format("  accuracy {:.3f}", facet["accuracy_hungarian"].get<double>());
    }
  }
  return line + "  " + duration(event["seconds"].get<double>());
}

std::string iteration_line(const Settings& event) {
  std::string line =
      fmt::format("{:<10} iteration {:<4}", event["stage"].get<std::string>(), event["iteration"].get<int64_t>() + 1);
  for (const auto& [name, value] : event["values"].items()) {
    if (value.is_number()) line += fmt::format("  {} {:.6g}", name, value.get<double>());
  }
  return line + "  " + duration(event["seconds"].get<double>());
}

}  // namespace

std::string event_line(const Settings& event) {
  const auto kind = event["event"].get<std::string>();
  if (kind == "epoch") return epoch_line(event);
  if (kind == "iteration") return iteration_line(event);
  if (kind == "note") return event["text"].get<std::string>();
  return "";
}

}  // namespace cleave::cli
