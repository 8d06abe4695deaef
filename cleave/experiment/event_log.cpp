#include "cleave/experiment/event_log.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "cleave/base/error.h"
#include "cleave/base/files.h"

namespace cleave::experiment {

namespace {

constexpr uint64_t kLargestLog = uint64_t{1} << 30;  // bytes; a thousand epochs of a thousand clusters are 10 MB

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw RunError(fmt::format("{}: cannot write it: {}", path.string(), std::strerror(errno)));
}

}  // namespace

EventLog::EventLog(const std::filesystem::path& path, uint64_t keep) : path_(path), length_(keep) {
  std::error_code absent;
  auto size = std::filesystem::file_size(path, absent);
  require<CorruptFileError>(keep == 0 || (!absent && size >= keep),
                            "{}: the checkpoint belongs to a log of {} bytes, but the file is shorter", path.string(),
                            keep);
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path);
  if (::ftruncate(descriptor_, static_cast<off_t>(keep)) != 0) fail(path);
}

EventLog::~EventLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void EventLog::append(const Settings& event) {
  std::string line = event.dump() + "\n";
  ssize_t written = ::write(descriptor_, line.data(), line.size());
  if (written >= 0 && static_cast<size_t>(written) < line.size()) errno = ENOSPC;
  if (written != static_cast<ssize_t>(line.size())) fail(path_);
  length_ += line.size();
}

uint64_t EventLog::sync() {
  if (::fsync(descriptor_) != 0) fail(path_);
  return length_;
}

std::vector<Settings> read_events(const std::filesystem::path& path) {
  const std::string text = read_whole(path, kLargestLog);
  std::vector<Settings> events;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find('\n', begin);
    if (end == std::string::npos) break;
    Settings event = Settings::parse(text.begin() + static_cast<int64_t>(begin),
                                     text.begin() + static_cast<int64_t>(end), nullptr, /*allow_exceptions=*/false);
    require<CorruptFileError>(event.is_object() && event.contains("event"), "{}:{}: not an event", path.string(),
                              events.size() + 1);
    events.push_back(std::move(event));
    begin = end + 1;
  }
  return events;
}

}  // namespace cleave::experiment
