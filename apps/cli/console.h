// What a person or a program sees: results on standard output, everything else on standard error.
#pragma once

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "cleave/base/fields.h"

namespace cleave::cli {

class Console {
 public:
  Console(bool json, bool quiet) : json_(json), quiet_(quiet) {}
  bool json() const { return json_; }
  bool quiet() const { return quiet_; }

  /// A result for people, on standard output; nothing with --json.
  void print(const std::string& text) const;
  /// A result for programs, one line on standard output; nothing without --json.
  void result(const Settings& object) const;
  /// A remark on standard error; nothing with --quiet.
  void note(const std::string& text) const;
  /// A remark on standard error that --quiet does not silence.
  void warn(const std::string& text) const;

 private:
  bool json_;
  bool quiet_;
};

/// Writes as much as can be written. What is lost, because the disk behind the stream is full or the stream is closed,
/// ends nothing: no fit stops for a remark, and no error for another.
void say(const std::string& text, FILE* stream = stderr);

/// An error as people see it on standard error, and with --json also as {"error": {"kind", "message"}} on standard
/// output.
void report_error(bool json, const std::string& kind, const std::string& message);

/// "PATH: Permission denied": what the system refused, and where.
std::string in_words(const std::filesystem::filesystem_error& error);

/// Text as a heading where standard output is a terminal and NO_COLOR is unset.
std::string heading(const std::string& text);

/// Columns of the terminal that standard output or error is, 100 where it is none.
int terminal_width();

/// "training   34 %  epoch 12 of 35  1 min 3 s left": one line about work that is `done` of `total` after `seconds`.
std::string progress_line(const std::string& what, int64_t done, int64_t total, double seconds_left,
                          const std::string& detail);

/// Work that takes a while: one line that is rewritten on a terminal, a plain line every ten seconds elsewhere.
class Progress {
 public:
  /// `done` is what an earlier run has done of `total`: it does not count for the speed.
  Progress(const Console& console, std::string what, int64_t total, int64_t done = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Says how far the work is. `detail` may be "loss 120.3".
  void at(int64_t done, const std::string& detail = "");

 private:
  using Clock = std::chrono::steady_clock;

  bool silent_;
  bool rewrites_;
  std::string what_;
  int64_t total_;
  int64_t first_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
  bool line_open_ = false;
};

}  // namespace cleave::cli
