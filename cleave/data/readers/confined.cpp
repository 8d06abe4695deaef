#include "cleave/data/readers/confined.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <new>

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleave/base/text.h"

namespace cleave::data {
namespace {

constexpr uint64_t kErrorMark = uint64_t{1} << 63;  // in a message's size: the text is an error
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kAddressSanitizer = true;
#elif !defined(__has_feature)
constexpr bool kAddressSanitizer = false;
#else
constexpr bool kAddressSanitizer = __has_feature(address_sanitizer);
#endif

constexpr uint64_t kLongestError = 64 << 10;

void limit(int resource, uint64_t amount) {
  rlimit bound{};
  if (getrlimit(resource, &bound) != 0) return;
  bound.rlim_cur = std::min<uint64_t>(amount, bound.rlim_max);
  setrlimit(resource, &bound);
}

/// Bytes of address space that this process has mapped; 0 where the system does not tell, and where a limit would be
/// spent on what AddressSanitizer keeps of freed memory.
uint64_t mapped_bytes() {
  if (kAddressSanitizer) return 0;
  uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

/// Signals end the child at once, whatever handlers the parent has, and nothing that it prints is seen.
void become_quiet() {
  for (int signal_number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGPROF, SIGPIPE, SIGTERM}) {
    std::signal(signal_number, SIG_DFL);
  }
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C is the parent's to handle
  int nowhere = ::open("/dev/null", O_WRONLY);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
}

/// A program may have told the allocator to keep what is freed; under the limit below, what is kept is lost.
void return_freed_memory() {
  constexpr int kDefault = 128 << 10;
  mallopt(M_MMAP_THRESHOLD, kDefault);
  mallopt(M_TRIM_THRESHOLD, kDefault);
}

[[noreturn]] void run_child(Channel out, const std::string& name, const std::function<void(Channel&)>& produce) {
  try {
    produce(out);
    _exit(0);
  } catch (const std::bad_alloc&) {
    out.send_error(
        fmt::format("{}: reading it needs more memory than such a file can justify; it is damaged, or "
                    "compressed beyond the bound",
                    name));
  } catch (const std::exception& error) {
    out.send_error(error.what());
  }
  _exit(1);
}

/// Ends this process by SIGPROF after so much processor time; RLIMIT_CPU knows whole seconds only.
void limit_processor(double seconds) {
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(seconds);
  timer.it_value.tv_usec = static_cast<suseconds_t>(1e6 * (seconds - std::floor(seconds)));
  setitimer(ITIMER_PROF, &timer, nullptr);
}

std::string how_it_ended(int status, double seconds) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF) {
    return fmt::format("reading it took more than {}", duration(seconds));
  }
  if (WIFSIGNALED(status)) return fmt::format("the library that reads it crashed ({})", strsignal(WTERMSIG(status)));
  return "the library that reads it gave up";
}

/// A started child; ended and collected at the latest when this goes.
class Child {
 public:
  explicit Child(pid_t process) : process_(process) {}
  Child(const Child&) = delete;
  ~Child() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = 0;
    return status;
  }

 private:
  pid_t process_;
};

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    require<RunError>(pipe(ends) == 0, "cannot create a pipe: {}", std::strerror(errno));
    for (int end : ends)
      fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  Pipe(const Pipe&) = delete;
  ~Pipe() {
    for (int& end : ends)
      close_end(end);
  }
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

}  // namespace

void Channel::write_exactly(const void* from, uint64_t size) {
  const char* next = static_cast<const char*>(from);
  while (size > 0) {
    ssize_t written = write(descriptor_, next, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(1);  // the parent is gone
    next += written;
    size -= static_cast<uint64_t>(written);
  }
}

void Channel::read_exactly(void* into, uint64_t size) {
  char* next = static_cast<char*>(into);
  while (size > 0) {
    ssize_t got = read(descriptor_, next, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw Stopped{};
    next += got;
    size -= static_cast<uint64_t>(got);
  }
}

void Channel::send(std::span<const uint8_t> message) {
  uint64_t size = message.size();
  write_exactly(&size, sizeof(size));
  write_exactly(message.data(), size);
}

void Channel::send_error(const std::string& text) {
  uint64_t size = std::min<uint64_t>(text.size(), kLongestError);
  uint64_t marked = size | kErrorMark;
  write_exactly(&marked, sizeof(marked));
  write_exactly(text.data(), size);
}

uint64_t Channel::receive_size() {
  uint64_t size = 0;
  read_exactly(&size, sizeof(size));
  if ((size & kErrorMark) == 0) return size;
  std::string text(std::min(size & ~kErrorMark, kLongestError), '\0');
  read_exactly(text.data(), text.size());
  throw DataError(text);
}

std::string Channel::receive(uint64_t limit) {
  uint64_t size = receive_size();
  require<DataError>(size <= limit, "{}: a part of {} where at most {} are possible", name_, byte_count(size),
                     byte_count(limit));
  std::string message(size, '\0');
  read_exactly(message.data(), size);
  return message;
}

void Channel::receive(std::span<uint8_t> into) {
  while (!into.empty()) {
    uint64_t size = receive_size();
    require<DataError>(size <= into.size(), "{}: a part of {} where {} are left", name_, byte_count(size),
                       byte_count(into.size()));
    read_exactly(into.data(), size);
    into = into.subspan(size);
  }
}

void run_confined(const std::string& name, uint64_t memory, double seconds,
                  const std::function<void(Channel&)>& produce, const std::function<void(Channel&)>& consume) {
  Pipe pipe;
  uint64_t mapped = mapped_bytes();
  pid_t process = fork();
  require<RunError>(process >= 0, "{}: cannot start a process to read it: {}", name, std::strerror(errno));
  if (process == 0) {
    Pipe::close_end(pipe.ends[0]);  // so that writing fails once the parent is gone
    become_quiet();
    return_freed_memory();
    if (mapped > 0) limit(RLIMIT_AS, mapped + memory);
    limit_processor(seconds);
    limit(RLIMIT_CORE, 0);
    run_child(Channel(pipe.ends[1], name), name, produce);
  }
  Child child(process);
  Pipe::close_end(pipe.ends[1]);
  Channel in(pipe.ends[0], name);
  try {
    consume(in);
  } catch (const Channel::Stopped&) {
    throw DataError(
        fmt::format("{}: {}; the file is damaged, or not what it seems", name, how_it_ended(child.wait(), seconds)));
  }
}

}  // namespace cleave::data
