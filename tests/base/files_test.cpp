#include "cleave/base/files.h"

#include <csignal>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cleave/base/checksum.h"
#include "cleave/base/error.h"
#include "tests/support/raises.h"
#include "tests/support/temporary_folder.h"

namespace cleave {
namespace {

using testing::HasSubstr;
using tests::message_of;
using tests::TemporaryFolder;
namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  return read_whole(path, 1 << 30);
}
int64_t entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

/// Files may not grow past `bytes` while this lives: what a full disk does, for everyone and without a disk.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~SmallDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(Files, WhatIsWrittenIsReadBackAndReplacesWhatWasThere) {
  TemporaryFolder folder;
  write_atomically(folder / "a", "old");
  write_atomically(folder / "a", "new");
  EXPECT_EQ(content(folder / "a"), "new");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(Files, PiecesArriveInOrderWhateverTheirSize) {
  TemporaryFolder folder;
  std::string expected;
  write_atomically(folder / "a", [&](ByteSink& sink) {
    for (size_t size : {3, 70'000, 0, 65'535, 10, 200'000}) {
      std::string piece(size, static_cast<char>('a' + size % 26));
      sink.write(piece);
      expected += piece;
    }
  });
  EXPECT_EQ(content(folder / "a"), expected);
}

TEST(Files, WritersOfOneNameAtTheSameTimeEachBringAWholeOne) {
  TemporaryFolder folder;
  write_atomically(folder / "a", [&](ByteSink& sink) {
    sink.write("first");
    write_atomically(folder / "a", "second");
    EXPECT_EQ(content(folder / "a"), "second");
    sink.write(" of all");
  });
  EXPECT_EQ(content(folder / "a"), "first of all");
  write_folder_atomically(folder / "f", [&](const fs::path& first) {
    write_atomically(first / "x", "first");
    write_folder_atomically(folder / "f", [](const fs::path& second) { write_atomically(second / "y", "second"); });
  });
  EXPECT_EQ(content(folder / "f" / "x"), "first");
  EXPECT_EQ(entries(folder.path()), 2);
}

TEST(Files, AFailingWriterKeepsTheOldContentAndLeavesNothingBeside) {
  TemporaryFolder folder;
  write_atomically(folder / "a", "old");
  auto failing = [](ByteSink& sink) {
    sink.write("half");
    throw std::logic_error("stop");
  };
  EXPECT_THROW(write_atomically(folder / "a", failing), std::logic_error);
  EXPECT_EQ(content(folder / "a"), "old");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(Files, AFullDiskIsOneErrorThatNamesThePathAndKeepsTheOldContent) {
  TemporaryFolder folder;
  write_atomically(folder / "a", "old");
  std::string message;
  {
    SmallDisk disk(100'000);
    message = message_of<RunError>([&] { write_atomically(folder / "a", std::string(200'000, 'x')); });
  }
  EXPECT_THAT(message, HasSubstr((folder / "a").string() + ": cannot write it: "));
  EXPECT_EQ(content(folder / "a"), "old");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(Files, AFolderThatDoesNotExistIsARunError) {
  TemporaryFolder folder;
  std::string message = message_of<RunError>([&] { write_atomically(folder.path() / "no" / "a", "x"); });
  EXPECT_THAT(message, HasSubstr("No such file or directory"));
}

TEST(Files, FoldersAppearWholeAndReplaceOlderOnes) {
  TemporaryFolder folder;
  auto write = [&](const std::string& name) {
    write_folder_atomically(folder / "f", [&](const fs::path& temporary) {
      EXPECT_NE(temporary, folder / "f");
      write_atomically(temporary / name, name);
    });
  };
  write("one");
  write("two");
  EXPECT_FALSE(fs::exists(folder / "f" / "one"));
  EXPECT_EQ(content(folder / "f" / "two"), "two");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(Files, AFolderWhoseWriterFailsLeavesTheOldOne) {
  TemporaryFolder folder;
  write_folder_atomically(folder / "f", [](const fs::path& temporary) { write_atomically(temporary / "a", "old"); });
  auto failing = [](const fs::path& temporary) {
    write_atomically(temporary / "a", "new");
    throw RunError("stop");
  };
  EXPECT_THROW(write_folder_atomically(folder / "f", failing), RunError);
  EXPECT_EQ(content(folder / "f" / "a"), "old");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(Files, SweepingRemovesWhatAKilledWriterLeft) {
  TemporaryFolder folder;
  fs::create_directories(folder / "40.tmp" / "inside");
  std::ofstream(folder / "config.toml.tmp") << "half";
  std::ofstream(folder / "config.toml") << "whole";
  std::ofstream(temporary_name(folder / "config.toml")) << "half";
  std::ofstream(folder / "config.toml.999999999-0.tmp") << "half";  // of a process that cannot be
  sweep_temporaries(folder.path());
  EXPECT_EQ(entries(folder.path()), 1);
  EXPECT_NO_THROW(sweep_temporaries(folder / "absent"));
}

TEST(Files, SweepingSparesWhatAnotherProcessWritesAndOtherNames) {
  TemporaryFolder folder;
  std::ofstream(folder / "config.toml.1-0.tmp") << "half";  // of the first process, which is always there
  std::ofstream(folder / "other.999999999-0.tmp") << "half";
  sweep_temporaries(folder.path(), "config");
  EXPECT_EQ(entries(folder.path()), 2);
  sweep_temporaries(folder.path());
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(Files, ReadingIsBoundedAndRefusesWhatIsNotAFile) {
  TemporaryFolder folder;
  write_atomically(folder / "a", "12345");
  EXPECT_EQ(read_whole(folder / "a", 5), "12345");
  EXPECT_RAISES(read_whole(folder / "a", 4), CorruptFileError, "at most 4 bytes");
  EXPECT_THROW(read_whole(folder.path(), 100), CorruptFileError);
  EXPECT_THROW(read_whole(folder / "absent", 100), CorruptFileError);
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THROW(read_whole(folder / "pipe", 100), CorruptFileError);
}

TEST(Files, AFolderIsLockedByOneAtATime) {
  TemporaryFolder folder;
  {
    FolderLock lock(folder.path());
    EXPECT_RAISES(FolderLock{folder.path()}, RunError, "another process");
  }
  EXPECT_NO_THROW(FolderLock{folder.path()});
}

// Known answers of the reference implementation, xxHash 0.8, for the empty input.
TEST(Checksum, KnownAnswersHold) {
  EXPECT_EQ(checksum64(""), "2d06800538d394c2");
  EXPECT_EQ(checksum128(""), "99aa06d3014798d86001c324468d497f");
}

TEST(Checksum, PiecesGiveTheSameAsTheWhole) {
  TemporaryFolder folder;
  std::string bytes;
  for (uint64_t i = 0; i < 300'000; ++i)
    bytes += static_cast<char>(i * i >> 3);
  Checksum pieces;
  pieces.update(bytes.substr(0, 7));
  pieces.update(bytes.substr(7, 100'000));
  pieces.update(bytes.data() + 100'007, bytes.size() - 100'007);
  EXPECT_EQ(pieces.digest64(), checksum64(bytes));
  EXPECT_EQ(pieces.digest128(), checksum128(bytes));
  std::string long_enough_for_two_reads = bytes + bytes + bytes + bytes;
  write_atomically(folder / "a", long_enough_for_two_reads);
  EXPECT_EQ(file_checksum128(folder / "a"), checksum128(long_enough_for_two_reads));
}

}  // namespace
}  // namespace cleave
