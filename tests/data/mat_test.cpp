#include "cleave/data/readers/mat.h"

#include "tests/support/mat_writer.h"
#include "tests/support/raises.h"
#include "tests/support/real_data.h"
#include "tests/support/values.h"

namespace cleave::data {
namespace {

using cleave::tests::MatWriter;
using cleave::tests::values;
using ::testing::ElementsAre;

constexpr uint8_t kCell = 1, kDoubleClass = 6, kUint8Class = 9, kInt16Class = 10;
constexpr uint32_t kUint8 = 2, kInt16 = 3, kUint64 = 13, kDouble = 9;

TEST(Mat, ReadsColumnsAsMatlabStoresThem) {
  for (bool big_endian : {false, true}) {
    for (bool compressed : {false, true}) {
      MatWriter file(big_endian);
      file.array<double>("X", kDoubleClass, kDouble, {2, 3}, {1, 4, 2, 5, 3, 6}, compressed);
      file.array<uint8_t>("y", kDoubleClass, kUint8, {2, 1}, {9, 7}, compressed);
      Dataset dataset = read_mat(file.bytes(), "a.mat");
      EXPECT_THAT(values(dataset.examples.dense), ElementsAre(1, 2, 3, 4, 5, 6));
      EXPECT_THAT(values(dataset.labels), ElementsAre(1, 0));
      EXPECT_THAT(dataset.label_names, ElementsAre("7", "9"));
    }
  }
}

TEST(Mat, KeepsTheTypeOfStoredValues) {
  MatWriter file(true);
  file.array<int16_t>("fea", kInt16Class, kInt16, {1, 3}, {-2, 300, 7});
  EXPECT_THAT(values(read_mat(file.bytes(), "a.mat").examples.dense), ElementsAre(-2, 300, 7));
  MatWriter wide;
  wide.array<uint64_t>("fea", 15, kUint64, {1, 2}, {1, uint64_t{1} << 63});
  EXPECT_THAT(values(read_mat(wide.bytes(), "a.mat").examples.dense), ElementsAre(1, std::ldexp(1.0, 63)));
}

TEST(Mat, GivesArraysOfMoreAxesAsTheyAre) {
  MatWriter file;
  file.array<uint8_t>("X", kUint8Class, kUint8, {2, 1, 1, 3}, {1, 2, 3, 4, 5, 6});
  std::vector<MatArray> arrays = read_mat_arrays(file.bytes(), "a.mat");
  ASSERT_EQ(arrays.size(), 1u);
  EXPECT_THAT(arrays[0].values.sizes(), ElementsAre(2, 1, 1, 3));
  EXPECT_EQ(arrays[0].values[1][0][0][2].item<int64_t>(), 6);
}

TEST(Mat, TakesTheOnlyMatrixAndTheLabelsAskedFor) {
  MatWriter file;
  file.array<double>("people", kDoubleClass, kDouble, {2, 1}, {3, 4});
  file.array<double>("faces", kDoubleClass, kDouble, {2, 2}, {1, 3, 2, 4});
  Dataset dataset = read_mat(file.bytes(), "a.mat", "people");
  EXPECT_THAT(values(dataset.examples.dense), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(dataset.label_names, ElementsAre("3", "4"));
  EXPECT_RAISES(read_mat(file.bytes(), "a.mat", "peple"), DataError, "did you mean 'people'");
}

TEST(Mat, SaysWhenNothingIsNumeric) {
  MatWriter file;
  file.array<double>("X", kCell, kDouble, {1, 1}, {1});
  EXPECT_RAISES(read_mat(file.bytes(), "a.mat"), DataError, "a.mat: holds no dense array of real numbers");
}

TEST(Mat, NeverTakesAnotherMatrixForAnUnreadableX) {
  for (uint32_t flags : {5u, 0x0800u | kDoubleClass}) {  // sparse; complex
    MatWriter file;
    file.array<double>("X", flags, kDouble, {2, 2}, {1, 2, 3, 4});
    file.array<double>("weights", kDoubleClass, kDouble, {2, 2}, {1, 2, 3, 4});
    EXPECT_RAISES(read_mat(file.bytes(), "a.mat"), DataError, "a.mat: its variable 'X' is no dense array");
  }
}

TEST(Mat, RefusesDamagedFiles) {
  MatWriter file;
  file.array<double>("X", kDoubleClass, kDouble, {2, 2}, {1, 2, 3, 4});
  std::vector<uint8_t> bytes = file.bytes();
  EXPECT_RAISES(read_mat(ByteView(bytes).first(bytes.size() - 9), "a.mat"), DataError, "a.mat: truncated");
  bytes.insert(bytes.end(), {14, 0, 0});  // of a tag
  EXPECT_RAISES(read_mat(bytes, "a.mat"), DataError, "a.mat: truncated");
  EXPECT_RAISES(read_mat(ByteView(bytes).first(100), "a.mat"), DataError, "byte 126");
  EXPECT_RAISES(read_mat({}, "a.mat"), DataError, "not a MATLAB 5 file");
  std::string version = "MATLAB 7.3 MAT-file";
  std::copy(version.begin(), version.end(), bytes.begin());
  EXPECT_RAISES(read_mat(bytes, "a.mat"), DataError, "save it with -v7");
}

TEST(Mat, RefusesAShapeThatIsNotThere) {
  for (std::vector<int32_t> sizes : {std::vector<int32_t>{2, 3}, {0x7fffffff, 0x7fffffff}, {-1, 4}}) {
    MatWriter file;
    file.array<double>("X", kDoubleClass, kDouble, sizes, {1, 2, 3, 4});
    EXPECT_RAISES(read_mat(file.bytes(), "a.mat"), DataError, "a.mat, array 'X': ");
  }
  MatWriter huge;
  huge.array<double>("X", kDoubleClass, kDouble, {0x7fffffff, 0x7fffffff, 0x7fffffff}, {1});
  EXPECT_RAISES(read_mat(huge.bytes(), "a.mat"), DataError, "too large to exist");
}

TEST(Mat, RefusesDamagedCompression) {
  MatWriter file;
  file.array<double>("X", kDoubleClass, kDouble, {2, 2}, {1, 2, 3, 4}, true);
  std::vector<uint8_t> bytes = file.bytes();
  bytes[150] ^= 0x55;
  EXPECT_RAISES(read_mat(bytes, "a.mat"), DataError, "a.mat: ");
}

TEST(Mat, ReadsYaleFaces) {
  CLEAVE_REAL_FILE(path, "yaleb/YaleB_32x32.mat");
  Dataset dataset = read_mat(read_file(path), "YaleB_32x32.mat");
  EXPECT_THAT(dataset.examples.dense.sizes(), ElementsAre(2414, 1024));
  EXPECT_EQ(dataset.examples.dense.scalar_type(), at::kByte);
  Tensor counts = at::bincount(dataset.labels);
  EXPECT_EQ(counts.numel(), 38);
  EXPECT_THAT(values(counts.slice(0, 10, 13)), ElementsAre(60, 59, 60));  // people 11 to 13
}

}  // namespace
}  // namespace cleave::data
