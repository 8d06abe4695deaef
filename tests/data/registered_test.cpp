#include "cleave/data/registered.h"

#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

#include "cleave/data/open.h"

namespace cleave::data {
namespace {

using Counts = std::vector<int64_t>;

/// Opens a registered set below $CLEAVE_DATA, or skips the test.
#define OPEN_OR_SKIP(dataset, name, part)                                                              \
  const char* root = std::getenv("CLEAVE_DATA");                                                       \
  if (root == nullptr) GTEST_SKIP() << "needs real data: set CLEAVE_DATA to the folder that holds it"; \
  Dataset dataset = open(name, options_for(root, part))

OpenOptions options_for(const char* root, const std::string& split) {
  OpenOptions options;
  options.root = root;
  options.split = split;
  return options;
}

Counts class_counts(const Dataset& dataset) {
  Tensor counts = at::bincount(dataset.labels, {}, static_cast<int64_t>(dataset.label_names.size()));
  return {counts.data_ptr<int64_t>(), counts.data_ptr<int64_t>() + counts.numel()};
}

TEST(Registered, NamesAreUniqueAndEverySetTellsItsSourceAndFiles) {
  std::set<std::string> names;
  for (const RegisteredSet& set : registered_sets()) {
    EXPECT_TRUE(names.insert(set.name).second) << set.name;
    EXPECT_FALSE(set.source.empty() || set.files.empty() || set.title.empty()) << set.name;
    EXPECT_EQ(find_registered(set.name), &set);
  }
  EXPECT_EQ(find_registered("absent"), nullptr);
}

TEST(Registered, MnistTrainHasThePublishedClassCounts) {
  OPEN_OR_SKIP(mnist, "mnist", "train");
  EXPECT_EQ(class_counts(mnist), (Counts{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}));
  EXPECT_EQ(mnist.shape, (Counts{1, 28, 28}));
}

TEST(Registered, MnistTestHasThePublishedClassCounts) {
  OPEN_OR_SKIP(mnist, "mnist", "test");
  EXPECT_EQ(class_counts(mnist), (Counts{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}));
}

TEST(Registered, MnistIsTrainingThenTestData) {
  OPEN_OR_SKIP(mnist, "mnist", "all");
  EXPECT_EQ(mnist.size(), 70000);
  EXPECT_EQ(mnist.train_count, 60000);
  EXPECT_EQ(mnist.labels[0].item<int64_t>(), 5);
  EXPECT_EQ(mnist.labels[60000].item<int64_t>(), 7);
  EXPECT_NEAR(mnist.examples.dense.slice(0, 0, 60000).to(at::kFloat).mean().item<double>() / 255, 0.1306604, 1e-5);
}

TEST(Registered, FashionMnistHasEqualClassesWithNames) {
  OPEN_OR_SKIP(fashion, "fashion-mnist", "all");
  EXPECT_EQ(class_counts(fashion), Counts(10, 7000));
  EXPECT_EQ(fashion.label_names[9], "Ankle boot");
}

TEST(Registered, OptdigitsAreSmallImagesOfSixteenLevels) {
  OPEN_OR_SKIP(digits, "optdigits", "all");
  EXPECT_EQ(digits.size(), 5620);
  EXPECT_EQ(digits.train_count, 3823);
  EXPECT_EQ(digits.shape, (Counts{1, 8, 8}));
  EXPECT_EQ(digits.largest, 16);
  EXPECT_EQ(digits.examples.dense.max().item<int>(), 16);
  EXPECT_EQ(class_counts(digits), (Counts{554, 571, 557, 572, 568, 558, 558, 566, 554, 562}));
}

}  // namespace
}  // namespace cleave::data
