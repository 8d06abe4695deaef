#include "cleave/data/convert.h"

#include <gtest/gtest.h>

#include "tests/data/files.h"
#include "tests/support/raises.h"

namespace cleave::data {
namespace {

Dataset images() {
  Dataset dataset{.name = "d", .kind = Kind::kImage, .shape = {1, 1, 2}, .largest = 16};
  dataset.examples.dense = at::tensor({1, 2, 3, 4, 5, 16}, at::kInt).view({3, 2});
  dataset.labels = at::tensor({1, -1, 1}, at::kLong);
  dataset.label_names = {"never", "gr\xc3\xbcn"};
  dataset.factors = {{"angle", at::tensor({0.5, -1.0, 2.0}, at::kDouble), false, {}},
                     {"pose", at::tensor({0., 1., 0.}, at::kDouble), true, {"left", "right"}}};
  dataset.feature_names = {"a", "b"};
  dataset.ids = {"one", "", "three"};
  dataset.train_count = 2;
  return dataset;
}

void expect_same(const Dataset& a, const Dataset& b) {
  EXPECT_EQ(a.checksum(), b.checksum());
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.shape, b.shape);
  EXPECT_EQ(a.largest, b.largest);
  ASSERT_EQ(a.has_labels(), b.has_labels());
  if (a.has_labels()) EXPECT_TRUE(at::equal(a.labels, b.labels));
  EXPECT_EQ(a.label_names, b.label_names);
  EXPECT_EQ(a.feature_names, b.feature_names);
  EXPECT_EQ(a.ids, b.ids);
  EXPECT_EQ(a.train_count, b.train_count);
  ASSERT_EQ(a.factors.size(), b.factors.size());
  for (size_t i = 0; i < a.factors.size(); ++i) {
    EXPECT_EQ(a.factors[i].name, b.factors[i].name);
    EXPECT_TRUE(at::equal(a.factors[i].values, b.factors[i].values));
    EXPECT_EQ(a.factors[i].categorical, b.factors[i].categorical);
    EXPECT_EQ(a.factors[i].value_names, b.factors[i].value_names);
  }
}

TEST(Convert, DenseDataComeBackWithEverything) {
  TemporaryFolder folder;
  convert(images(), folder.path() / "d.npz");
  expect_same(open(folder.path() / "d.npz"), images());
}

TEST(Convert, SparseDataComeBack) {
  TemporaryFolder folder;
  Dataset dataset{.name = "s", .kind = Kind::kText, .shape = {5}};
  dataset.examples.sparse = {at::tensor({0, 1, 1, 3}, at::kLong), at::tensor({4, 0, 2}, at::kInt),
                             at::tensor({0.5, 1.5, -2.0}, at::kFloat), 5};
  convert(dataset, folder.path() / "s.npz");
  expect_same(open(folder.path() / "s.npz"), dataset);
}

TEST(Convert, KeepsEveryCharacterAndTakesOtherBytesForLatin1) {
  TemporaryFolder folder;
  Dataset dataset = images();
  dataset.ids = {"\xf0\x9f\x98\x80\xe2\x82\xac",
                 "\xc3"
                 "a",
                 "\xe0\x80\x80"};
  convert(dataset, folder.path() / "d.npz");
  EXPECT_EQ(open(folder.path() / "d.npz").ids, (std::vector<std::string>{dataset.ids[0],
                                                                         "\xc3\x83"
                                                                         "a",
                                                                         "\xc3\xa0\xc2\x80\xc2\x80"}));
}

TEST(Convert, SaysWhereItCannotWrite) {
  EXPECT_RAISES(convert(images(), "/absent/folder/d.npz"), RunError, "/absent/folder/d.npz");
}

TEST(Inspect, TellsTheFactsOfADataset) {
  Inspection facts = inspect(images());
  EXPECT_EQ(facts.kind, "image");
  EXPECT_EQ(facts.type, "int32");
  EXPECT_EQ(facts.size, 3);
  EXPECT_EQ(facts.smallest, 1);
  EXPECT_EQ(facts.largest, 16);
  EXPECT_NEAR(facts.mean, 31.0 / 6, 1e-12);
  EXPECT_EQ(facts.unlabelled, 1);
  EXPECT_EQ(facts.labels, (std::vector<std::pair<std::string, int64_t>>{{"never", 0}, {"gr\xc3\xbcn", 2}}));
  EXPECT_EQ(facts.factors, (std::vector<std::pair<std::string, int64_t>>{{"angle", 3}, {"pose", 2}}));
  EXPECT_EQ(facts.checksum.size(), 16u);
}

TEST(Inspect, CountsTheZerosThatSparseRowsLeaveOut) {
  Dataset dataset{.name = "s", .shape = {4}};
  dataset.examples.sparse = {at::tensor({0, 1, 2}, at::kLong), at::tensor({1, 3}, at::kInt),
                             at::tensor({2.0, 6.0}, at::kFloat), 4};
  Inspection facts = inspect(dataset);
  EXPECT_TRUE(facts.sparse);
  EXPECT_EQ(facts.smallest, 0);
  EXPECT_EQ(facts.zeros, 0.75);
  EXPECT_EQ(facts.mean, 1);
}

}  // namespace
}  // namespace cleave::data
