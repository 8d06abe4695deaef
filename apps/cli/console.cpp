#include "apps/cli/console.h"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cleave/base/text.h"

namespace cleave::cli {

namespace {

std::string one_line(const Settings& object) {
  return object.dump(-1, ' ', false, Settings::error_handler_t::replace) + "\n";
}

}  // namespace

void say(const std::string& text, FILE* stream) {
  std::fwrite(text.data(), 1, text.size(), stream);
}

void Console::print(const std::string& text) const {
  if (!json_) fmt::print("{}\n", text);
}

void Console::result(const Settings& object) const {
  if (!json_) return;
  fmt::print("{}", one_line(object));
  std::fflush(stdout);  // a reader of a stream waits for each line; main() sees to a failure
}

void Console::note(const std::string& text) const {
  if (!quiet_) say(text + "\n");
}

void Console::warn(const std::string& text) const {
  say("cleave: warning: " + text + "\n");
}

void report_error(bool json, const std::string& kind, const std::string& message) {
  if (json) say(one_line({{"error", {{"kind", kind}, {"message", message}}}}), stdout);
  std::fflush(stdout);
  say("cleave: " + message + "\n");
}

std::string in_words(const std::filesystem::filesystem_error& error) {
  const std::string reason = error.code().message();
  return error.path1().empty() ? reason : fmt::format("{}: {}", error.path1().string(), reason);
}

std::string heading(const std::string& text) {
  static const bool bold = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return bold ? "\033[1m" + text + "\033[0m" : text;
}

int terminal_width() {
  winsize size{};
  for (int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 100;
}

std::string progress_line(const std::string& what, int64_t done, int64_t total, double seconds_left,
                          const std::string& detail) {
  std::string line = fmt::format("{} {:3} %", what, total > 0 ? 100 * done / total : 100);
  if (!detail.empty()) line += "  " + detail;
  if (done < total) line += "  " + duration(seconds_left) + " left";
  return line;
}

Progress::Progress(const Console& console, std::string what, int64_t total, int64_t done)
    : silent_(console.quiet()),
      rewrites_(isatty(STDERR_FILENO) == 1),
      what_(std::move(what)),
      total_(total),
      first_(done) {}

Progress::~Progress() {
  if (line_open_) say("\n");
}

void Progress::at(int64_t done, const std::string& detail) {
  if (silent_) return;
  Clock::time_point now = Clock::now();
  double since_shown = std::chrono::duration<double>(now - shown_).count();
  bool last = done >= total_;
  if (since_shown < (rewrites_ ? 0.1 : 10.0) && !last) return;
  shown_ = now;
  double seconds = std::chrono::duration<double>(now - start_).count();
  double left = done > first_ ? seconds / static_cast<double>(done - first_) * static_cast<double>(total_ - done) : 0;
  std::string line = progress_line(what_, done, total_, left, detail);
  if (!rewrites_) return say(line + "\n");
  line.resize(std::min(line.size(), static_cast<size_t>(terminal_width() - 1)));
  say("\r\033[K" + line);
  line_open_ = true;
}

}  // namespace cleave::cli
