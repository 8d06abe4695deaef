// A run as a person follows it: a progress line within the epoch, a plain line after it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "apps/cli/console.h"
#include "cleave/experiment/run_recorder.h"

namespace cleave::cli {

class RunHost : public experiment::Host {
 public:
  explicit RunHost(const Console& console) : console_(console) {}

  double seconds() override;
  bool should_stop() override;
  void event(const Settings& event) override;
  void note(const std::string& text) override;
  void step(const model::Stage& stage, const model::Step& at, double nats) override;

 private:
  using Clock = std::chrono::steady_clock;

  const Console& console_;
  Clock::time_point start_ = Clock::now();
  std::unique_ptr<Progress> progress_;
  int64_t stage_ = -1;  // of progress_
};

/// One line about an event: "joint  epoch 12  kl_y 2.1  reconstruction 81.2  accuracy 0.81  41 s".
std::string event_line(const Settings& event);

}  // namespace cleave::cli
