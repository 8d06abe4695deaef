#include "cleave/data/open.h"

#include <gtest/gtest.h>

#include "cleave/data/convert.h"
#include "cleave/data/drawn.h"
#include "cleave/data/registered.h"
#include "tests/data/files.h"
#include "tests/support/raises.h"

namespace cleave::data {
namespace {

OpenOptions options(const std::filesystem::path& root, const std::string& split = "all") {
  OpenOptions result;
  result.root = root;
  result.split = split;
  return result;
}

TEST(Open, FindsTheFormatByEndingOrByContent) {
  TemporaryFolder folder;
  Bytes idx = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 3, 4};
  for (const char* name : {"a-ubyte", "a.idx", "without_ending", "a.idx.gz"}) {
    Dataset dataset = open(folder.write(name, std::string(name).ends_with("gz") ? gzip(idx) : idx));
    EXPECT_EQ(dataset.size(), 2) << name;
    EXPECT_EQ(dataset.name, name);
  }
  EXPECT_EQ(open(folder.write("a.TSV.gz", gzip(as_bytes("1\t2\n")))).width(), 2);
}

TEST(Open, TakesTheLabelsBesideIdxImages) {
  TemporaryFolder folder;
  folder.write("t-labels-idx1-ubyte", Bytes{0, 0, 8, 1, 0, 0, 0, 2, 5, 3});
  auto images = folder.write("t-images-idx3-ubyte", Bytes{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 8});
  Dataset dataset = open(images);
  EXPECT_TRUE(at::equal(dataset.labels, at::tensor({1, 0}, at::kLong)));
  EXPECT_EQ(dataset.label_names, (std::vector<std::string>{"3", "5"}));
}

TEST(Open, LeavesLabelsBehindWhenAskedTo) {
  TemporaryFolder folder;
  folder.write("t-labels-idx1-ubyte", Bytes{0, 0, 8, 1, 0, 0, 0, 2, 5, 3});
  auto images = folder.write("t-images-idx3-ubyte", Bytes{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 8});
  convert(open(images), folder.path() / "t.npz");
  const std::string npz = (folder.path() / "t.npz").string();
  EXPECT_TRUE(open(npz).has_labels());
  for (const std::string& path : {std::string(images), npz}) {
    Dataset dataset = open(path, {.label_column = "none"});
    EXPECT_FALSE(dataset.has_labels()) << path;
    EXPECT_TRUE(dataset.label_names.empty()) << path;
  }
  EXPECT_RAISES(open(images, {.label_column = "y"}), ArgumentError,
                "has no columns of which --label-column could name");
  EXPECT_RAISES(open(folder.path().string(), {.label_column = "y"}), ArgumentError, "has no columns");
}

TEST(Open, SaysWhichFormatsThereAre) {
  TemporaryFolder folder;
  auto strange = folder.write("data.xyz", "what is this");
  EXPECT_RAISES(open(strange), DataError, "data.xyz: unknown format; known: a folder of images, ");
}

TEST(Open, DrawsTheSetsThatAreDrawn) {
  Dataset glyphs = open("glyphs", {.size = 30, .seed = 4});
  EXPECT_EQ(glyphs.size(), 30);
  EXPECT_EQ(glyphs.checksum(), draw("glyphs", 30, 4).checksum());
  EXPECT_RAISES(open("glyph"), ArgumentError, "did you mean 'glyphs'");
}

TEST(Open, SuggestsNamesAndTellsAbsentFiles) {
  EXPECT_RAISES(open("mnits"), ArgumentError, "unknown data set 'mnits'; did you mean 'mnist'?");
  EXPECT_RAISES(open("absent/data.csv"), DataError, "absent/data.csv: no such file or folder");
}

TEST(Open, TellsHowToGetARegisteredSet) {
  TemporaryFolder folder;
  EXPECT_RAISES(open("mnist", options(folder.path())), DataError,
                "mnist: train-images-idx3-ubyte.gz is not in " + (folder.path() / "mnist").string() +
                    "; `cleave data fetch mnist` gets it from http://yann.lecun.com/exdb/mnist/");
  EXPECT_RAISES(open("mnist"), DataError, "mnist: no data root was given");
}

TEST(Open, RefusesASplitWithoutExamples) {
  TemporaryFolder folder;
  Dataset all = open(folder.write("d.csv", "1,2\n3,4\n"));
  all.train_count = 2;
  convert(all, folder.path() / "d.npz");
  EXPECT_EQ(open((folder.path() / "d.npz").string(), options({}, "train")).size(), 2);
  EXPECT_RAISES(open((folder.path() / "d.npz").string(), options({}, "test")), DataError,
                "d.npz: there are no test data; use --split all");
}

TEST(Open, RefusesASplitThatIsNotThere) {
  TemporaryFolder folder;
  auto path = folder.write("d.csv", "1,2\n3,4\n");
  EXPECT_RAISES(open(path, options({}, "train")), ArgumentError, "d.csv has no split into training and test data");
  EXPECT_RAISES(open(path, options({}, "half")), ArgumentError, "unknown split 'half'; known: all, train, test");
}

TEST(Open, AFolderOfPicturesIsNamedByItsLastPart) {
  TemporaryFolder folder;
  folder.write("faces/a.pgm", "P2 1 1 9 7");
  for (const char* path : {"faces", "faces/", "faces/../faces/."})
    EXPECT_EQ(open((folder.path() / path).string()).name, "faces");
}

}  // namespace
}  // namespace cleave::data
