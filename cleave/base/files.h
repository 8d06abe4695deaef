// Files that are either wholly there or not there at all.
//
// What is written goes to a temporary name beside its goal, reaches the disk, and only then takes its name. A killed
// process, a full disk or a folder without permission leaves what was there before; the temporary name is removed on
// failure and swept away at the next opening after a kill.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace cleave {

/// Where the bytes of a file go while it is written.
class ByteSink {
 public:
  virtual ~ByteSink() = default;

  /// Appends. Throws RunError naming the file and the reason, a full disk say.
  virtual void write(std::string_view bytes) = 0;
};

/// "NAME.PID-COUNTER.tmp" beside `path`, which no other process and no other call has: writers of one file at the same
/// time each bring a whole one, and the last stays.
std::filesystem::path temporary_name(const std::filesystem::path& path);

/// Gives `path` the content `bytes`, or throws RunError that names the path and the reason and leaves what was there.
void write_atomically(const std::filesystem::path& path, std::string_view bytes);

/// The same for content that is made piece by piece. What `writer` throws passes through.
void write_atomically(const std::filesystem::path& path, const std::function<void(ByteSink&)>& writer);

/// Fills a folder under a temporary name by calling `writer` with that name, brings its files to the disk, and renames
/// it to `folder`, replacing a folder of that name as a whole. Throws RunError; what `writer` throws passes through.
/// In both cases the old folder stays and the temporary one is removed.
void write_folder_atomically(const std::filesystem::path& folder,
                             const std::function<void(const std::filesystem::path& temporary)>& writer);

/// Removes what killed writers left in a folder: every entry whose name begins with `of` and ends in ".tmp", but for
/// the temporary names of other processes that are still there.
void sweep_temporaries(const std::filesystem::path& folder, const std::string& of = "");

/// The bytes of a regular file of at most `bound` bytes. Throws CorruptFileError naming the path and the reason.
std::string read_whole(const std::filesystem::path& path, uint64_t bound);

/// A regular file open for reading at chosen places.
class InputFile {
 public:
  /// Throws CorruptFileError when there is no such regular file or it may not be read.
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  uint64_t size() const { return size_; }  ///< bytes

  /// Fills `target` with `count` bytes from `offset`. Throws CorruptFileError when the file ends before.
  void read(void* target, uint64_t count, uint64_t offset) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

/// A folder that one process works in. The claim ends with the process, however that ends.
class FolderLock {
 public:
  /// Throws RunError when the folder is claimed already or cannot be opened.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace cleave
