// A recorder that remembers, and that asks to stop after a given number of steps.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "cleave/training/recorder.h"

namespace cleave::tests {

class MemoryRecorder : public training::Recorder {
 public:
  explicit MemoryRecorder(int64_t stop_after = std::numeric_limits<int64_t>::max()) : left_(stop_after) {}

  void note(const std::string& text) override { notes.push_back(text); }
  bool should_stop() override { return left_ <= 0; }
  void stage(const model::Stage&, const model::Step&) override {
    stage_begins.push_back(static_cast<int64_t>(losses.size() + iterations.size()));
  }
  void step(const model::Stage&, const model::Step&, double nats) override {
    losses.push_back(nats);
    --left_;
  }
  void epoch(const model::Stage&, const model::Step&, model::Model&, const training::EpochSummary& summary) override {
    epochs.push_back(summary);
  }
  void iteration(const model::Stage&, const model::Step&, model::Model&, const model::Iteration& done) override {
    iterations.push_back(done);
    --left_;
  }
  double seconds() override { return 0; }  // checkpoints at the ends of stages only

  std::vector<std::string> notes;
  std::vector<int64_t> stage_begins;  ///< steps and iterations before each stage
  std::vector<double> losses;
  std::vector<training::EpochSummary> epochs;
  std::vector<model::Iteration> iterations;

 private:
  int64_t left_;
};

}  // namespace cleave::tests
