#include "cleave/data/fetch.h"

#include <gtest/gtest.h>

#include "cleave/data/registered.h"
#include "tests/data/files.h"
#include "tests/support/raises.h"
#include "tests/support/real_data.h"

namespace cleave::data {
namespace {

namespace fs = std::filesystem;

size_t file_count(const fs::path& folder) {
  size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    count += entry.is_regular_file();
  return count;
}

/// Downloads nothing but the same few bytes.
void download_rubbish(const std::string&, const fs::path& file) {
  std::ofstream(file) << "rubbish";
}

TEST(Fetch, DigestsAreTheOnesOfTheStandards) {
  TemporaryFolder folder;
  auto abc = folder.write("abc", "abc");  // RFC 1321 A.5, FIPS 180-2 B.1
  EXPECT_EQ(file_digest(abc, "md5"), "md5:900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(file_digest(abc, "sha256"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Fetch, RefusesWrongContentAndLeavesNothing) {
  TemporaryFolder folder;
  EXPECT_RAISES(fetch("mnist", folder.path(), {}, download_rubbish), DataError,
                "train-images-idx3-ubyte.gz: its checksum is md5:");
  EXPECT_EQ(file_count(folder.path()), 0u);
  TemporaryFolder mirror;
  mirror.write("mnist/train-images-idx3-ubyte.gz", "rubbish");
  EXPECT_RAISES(fetch("mnist", folder.path(), mirror.path()), DataError, "it is damaged or another version");
  EXPECT_EQ(file_count(folder.path()), 0u);
}

TEST(Fetch, EveryDownloadHasANameOfItsOwnAndTakesAwayWhatAKilledOneLeft) {
  TemporaryFolder folder;
  folder.write("mnist/train-images-idx3-ubyte.gz.999999999-0.tmp", "half");  // of a process that cannot be
  std::vector<fs::path> names;
  auto download = [&](const std::string& address, const fs::path& file) {
    names.push_back(file);
    download_rubbish(address, file);
  };
  for (int i = 0; i < 2; ++i)
    EXPECT_THROW(fetch("mnist", folder.path(), {}, download), DataError);
  ASSERT_EQ(names.size(), 2u);
  EXPECT_NE(names[0], names[1]);
  EXPECT_EQ(file_count(folder.path()), 0u);
}

TEST(Fetch, TellsWhatAMirrorLacks) {
  TemporaryFolder folder, mirror;
  EXPECT_RAISES(fetch("optdigits", folder.path(), mirror.path()), DataError,
                "optdigits: optdigits.tra is neither in " + mirror.path().string());
}

TEST(Fetch, TellsWhatCannotBeDownloaded) {
  TemporaryFolder folder;
  EXPECT_RAISES(fetch("reuters-10k", folder.path(), {}, download_rubbish), DataError,
                "reuters-10k: reuters10k.npz cannot be downloaded by itself; see https://trec.nist.gov");
  EXPECT_RAISES(fetch("mnits", folder.path()), ArgumentError, "did you mean 'mnist'?");
}

TEST(Fetch, CopiesFromAMirrorOnceAndMendsDamage) {
  CLEAVE_REAL_FILE(original, "optdigits/optdigits.tes");
  fs::path mirror = original.parent_path().parent_path();
  TemporaryFolder folder;
  auto files = fetch("optdigits", folder.path(), mirror);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(read_file(files[1]), read_file(original));
  EXPECT_EQ(file_count(folder.path()), 2u);
  fetch("optdigits", folder.path(), {}, download_rubbish);  // all there: nothing is downloaded
  std::ofstream(files[1]) << "damage";
  EXPECT_RAISES(fetch("optdigits", folder.path(), {}, download_rubbish), DataError, "damaged or another version");
  fetch("optdigits", folder.path(), mirror);
  EXPECT_EQ(read_file(files[1]), read_file(original));
}

}  // namespace
}  // namespace cleave::data
