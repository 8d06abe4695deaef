// The recorder of a run folder: everything that happens becomes a line of events.jsonl.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cleave/experiment/event_log.h"
#include "cleave/experiment/monitor.h"
#include "cleave/training/recorder.h"

namespace cleave::experiment {

/// The program around a run: its clock, its wish to stop, and somebody who may be watching.
class Host {
 public:
  virtual ~Host() = default;
  virtual double seconds() = 0;                  ///< since any fixed moment
  virtual bool should_stop() = 0;                ///< true after the first Ctrl-C
  virtual void event(const Settings& event) {}   ///< the line that was just written, see event_log.h
  virtual void note(const std::string& text) {}  ///< something to say that is not part of the run's log
  virtual void step(const model::Stage&, const model::Step&, double nats) {}  ///< a gradient step ended
};

class RunRecorder : public training::Recorder {
 public:
  /// `start` is the log's first event. Nothing is opened before the training starts or restores.
  RunRecorder(std::filesystem::path events, Settings start, Monitor monitor, size_t stages, Host& host)
      : path_(std::move(events)),
        start_(std::move(start)),
        monitor_(std::move(monitor)),
        stages_(stages),
        host_(host) {}

  void note(const std::string& text) override;
  bool should_stop() override { return host_.should_stop(); }
  double seconds() override { return host_.seconds(); }

  void stage(const model::Stage& stage, const model::Step& at) override;
  void step(const model::Stage& stage, const model::Step& at, double nats) override;
  void epoch(const model::Stage& stage, const model::Step& at, model::Model& model,
             const training::EpochSummary& summary) override;
  void iteration(const model::Stage& stage, const model::Step& at, model::Model& model,
                 const model::Iteration& iteration) override;
  void end(int64_t steps);  ///< the run is complete

  /// Writes down, first of all, what happened in the first stage of a run that this one goes on from.
  void adopt(const std::vector<Settings>& first_stage);

  Settings state() override;
  void restore(const Settings& state) override;

  /// Seconds of work on this run, those before a resume included.
  double elapsed() { return seconds_before_ + host_.seconds() - started_; }

 private:
  EventLog& log();
  void write(const Settings& event);

  std::filesystem::path path_;
  Settings start_;
  Monitor monitor_;
  size_t stages_;
  Host& host_;

  std::unique_ptr<EventLog> log_;
  CollapseWatch collapse_;
  int64_t announced_stage_ = -1;
  int64_t step_ = 0;
  double seconds_before_ = 0;
  double started_ = host_.seconds();
};

}  // namespace cleave::experiment
