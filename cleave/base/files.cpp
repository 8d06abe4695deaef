#include "cleave/base/files.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleave/base/error.h"

namespace cleave {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path& path, const char* doing) {
  throw RunError(fmt::format("{}: cannot {}: {}", path.string(), doing, std::strerror(errno)));
}

/// Whether a temporary name holds the number of a process other than this one that is still there.
bool is_in_use(const fs::path& temporary) {
  const std::string process = temporary.stem().extension().string();  // ".PID-COUNTER" in "NAME.PID-COUNTER.tmp"
  pid_t owner = 0;
  const size_t dash = process.find('-');
  if (dash == std::string::npos) return false;
  auto [end, error] = std::from_chars(process.data() + 1, process.data() + dash, owner);
  if (error != std::errc() || end != process.data() + dash || owner <= 0 || owner == ::getpid()) return false;
  return ::kill(owner, 0) == 0 || errno == EPERM;
}

/// Brings a file or a folder's list of names to the disk.
void sync(const fs::path& path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(path, "open it");
  int failed = ::fsync(descriptor);
  int reason = errno;
  ::close(descriptor);
  errno = reason;
  // Some file systems know no fsync of folders; their renames are as durable as they get.
  if (failed != 0 && errno != EINVAL) fail(path, "write it to the disk");
}

void sync_names_beside(const fs::path& path) {
  sync(path.has_parent_path() ? path.parent_path() : ".");
}

/// Removes a temporary name unless it took its place.
class Temporary {
 public:
  explicit Temporary(fs::path path) : path_(std::move(path)) { remove(); }
  ~Temporary() { remove(); }
  const fs::path& path() const { return path_; }

 private:
  void remove() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path path_;
};

class OutputFile : public ByteSink {
 public:
  OutputFile(const fs::path& path, fs::path goal) : goal_(std::move(goal)) {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail(goal_, "create it");
    buffer_.reserve(kBuffer);
  }
  ~OutputFile() override {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  void write(std::string_view bytes) override {
    if (buffer_.size() + bytes.size() > kBuffer) flush();
    if (bytes.size() >= kBuffer)
      write_through(bytes);
    else
      buffer_.append(bytes);
  }

  void finish() {
    flush();
    if (::fsync(descriptor_) != 0) fail(goal_, "write it to the disk");
    if (::close(std::exchange(descriptor_, -1)) != 0) fail(goal_, "close it");
  }

 private:
  static constexpr size_t kBuffer = 1 << 16;

  void flush() {
    write_through(buffer_);
    buffer_.clear();
  }

  void write_through(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(goal_, "write it");
      bytes.remove_prefix(static_cast<size_t>(written));
    }
  }

  fs::path goal_;
  std::string buffer_;
  int descriptor_ = -1;
};

/// Gives `temporary` the name `folder`. A folder of that name is exchanged in one step where the file system can.
void take_place(const Temporary& temporary, const fs::path& folder) {
  if (!fs::exists(folder)) {
    if (::rename(temporary.path().c_str(), folder.c_str()) != 0) fail(folder, "create it");
    return;
  }
  if (::renameat2(AT_FDCWD, temporary.path().c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail(folder, "replace it");
  Temporary old(temporary_name(folder));
  if (::rename(folder.c_str(), old.path().c_str()) != 0) fail(folder, "replace it");
  if (::rename(temporary.path().c_str(), folder.c_str()) != 0) fail(folder, "replace it");
}

}  // namespace

fs::path temporary_name(const fs::path& path) {
  static std::atomic<int64_t> counter = 0;
  return fmt::format("{}.{}-{}.tmp", path.string(), ::getpid(), counter++);
}

void write_atomically(const fs::path& path, const std::function<void(ByteSink&)>& writer) {
  Temporary temporary(temporary_name(path));
  OutputFile file(temporary.path(), path);
  writer(file);
  file.finish();
  if (::rename(temporary.path().c_str(), path.c_str()) != 0) fail(path, "put it in its place");
  sync_names_beside(path);
}

void write_atomically(const fs::path& path, std::string_view bytes) {
  write_atomically(path, [&](ByteSink& sink) { sink.write(bytes); });
}

void write_folder_atomically(const fs::path& folder, const std::function<void(const fs::path&)>& writer) {
  Temporary temporary(temporary_name(folder));
  if (::mkdir(temporary.path().c_str(), 0777) != 0) fail(folder, "create it");
  writer(temporary.path());
  for (const auto& entry : fs::recursive_directory_iterator(temporary.path()))
    sync(entry.path());
  sync(temporary.path());
  take_place(temporary, folder);
  sync_names_beside(folder);
}

void sweep_temporaries(const fs::path& folder, const std::string& of) {
  std::error_code ignored;
  std::vector<fs::path> stale;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const fs::path& path = entry.path();
    const bool temporary = path.extension() == ".tmp" && path.filename().string().starts_with(of);
    if (temporary && !is_in_use(path)) stale.push_back(path);
  }
  for (const fs::path& path : stale)
    fs::remove_all(path, ignored);
}

std::string read_whole(const fs::path& path, uint64_t bound) {
  InputFile file(path);
  require<CorruptFileError>(file.size() <= bound, "{}: expected at most {} bytes but it has {}", path.string(), bound,
                            file.size());
  std::string bytes(file.size(), '\0');
  file.read(bytes.data(), bytes.size(), 0);
  return bytes;
}

InputFile::InputFile(const fs::path& path) : path_(path) {
  // A pipe of this name must not make the program wait for somebody to write to it.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  require<CorruptFileError>(descriptor_ >= 0, "{}: cannot read it: {}", path.string(), std::strerror(errno));
  struct stat facts {};
  bool regular = ::fstat(descriptor_, &facts) == 0 && S_ISREG(facts.st_mode);
  if (!regular) {
    ::close(descriptor_);
    throw CorruptFileError(fmt::format("{}: not a file", path.string()));
  }
  size_ = static_cast<uint64_t>(facts.st_size);
}

InputFile::~InputFile() {
  ::close(descriptor_);
}

void InputFile::read(void* target, uint64_t count, uint64_t offset) const {
  auto* bytes = static_cast<char*>(target);
  while (count > 0) {
    ssize_t got = ::pread(descriptor_, bytes, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    require<CorruptFileError>(got >= 0, "{}: cannot read it: {}", path_.string(), std::strerror(errno));
    require<CorruptFileError>(got > 0, "{}: ends at byte {}, where {} more bytes were expected", path_.string(), offset,
                              count);
    bytes += got;
    offset += static_cast<uint64_t>(got);
    count -= static_cast<uint64_t>(got);
  }
}

FolderLock::FolderLock(const fs::path& folder) {
  descriptor_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0) fail(folder, "open it");
  bool taken = ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (taken) ::close(descriptor_);
  require<RunError>(!taken, "{}: another process is working on it", folder.string());
}

FolderLock::~FolderLock() {
  ::close(descriptor_);
}

}  // namespace cleave
