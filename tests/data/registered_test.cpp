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

TEST(Registered, UspsHasThePublishedClassCounts) {
  OPEN_OR_SKIP(digits, "usps", "train");
  EXPECT_EQ(class_counts(digits), (Counts{1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644}));
  EXPECT_EQ(open("usps", options_for(root, "test")).size(), 2007);
  EXPECT_EQ(digits.shape, (Counts{1, 16, 16}));
  EXPECT_EQ(digits.examples.dense.max().item<float>(), 1);
}

TEST(Registered, ReutersR8IsSparseTextWithThePublishedClassCounts) {
  OPEN_OR_SKIP(documents, "reuters-r8", "all");
  EXPECT_EQ(documents.label_names,
            (std::vector<std::string>{"acq", "crude", "earn", "grain", "interest", "money-fx", "ship", "trade"}));
  EXPECT_EQ(class_counts(documents), (Counts{2292, 374, 3923, 51, 271, 293, 144, 326}));
  EXPECT_EQ(documents.train_count, 5485);
  EXPECT_EQ(documents.kind, Kind::kText);
  EXPECT_EQ(std::ssize(documents.feature_names), 2000);
}

TEST(Registered, TheCellsOfTheMouseBladderAreCountsWithThePublishedClasses) {
  OPEN_OR_SKIP(cells, "mouse-bladder", "all");
  EXPECT_EQ(cells.kind, Kind::kCounts);
  EXPECT_EQ(class_counts(cells), (Counts{550, 299, 268, 229, 184, 158, 102, 60, 53, 45, 30, 33, 33, 27, 21, 8}));
  EXPECT_EQ(cells.width(), 20670);
}

TEST(Registered, YaleBHasThePublishedNumberOfPicturesOfEachPerson) {
  OPEN_OR_SKIP(faces, "yale-b", "all");
  Counts counts(38, 64);
  const Counts fewer = {60, 59, 60, 63, 62, 63, 63};  // of the eleventh to the eighteenth; there is no fourteenth
  std::copy(fewer.begin(), fewer.end(), counts.begin() + 10);
  EXPECT_EQ(class_counts(faces), counts);
  EXPECT_EQ(faces.shape, (Counts{1, 32, 32}));
  ASSERT_EQ(faces.factors.size(), 3);
  EXPECT_LE(faces.factors[1].values.abs().max().item<double>(), 130);  // degrees of the light's azimuth
}

TEST(Registered, TheCroppedYaleBFacesAreTheSamePicturesInFullSize) {
  const char* root_folder = std::getenv("CLEAVE_DATA");
  if (root_folder != nullptr &&
      !std::filesystem::exists(std::filesystem::path(root_folder) / "yaleb/CroppedYale.zip")) {
    GTEST_SKIP() << "the optional yaleb/CroppedYale.zip is not there";
  }
  OPEN_OR_SKIP(large, "yale-b-full", "all");
  Dataset small = open("yale-b", options_for(root, "all"));
  EXPECT_EQ(large.shape, (Counts{1, 192, 168}));
  EXPECT_EQ(class_counts(large), class_counts(small));
  auto brightness = [](const Dataset& faces) { return faces.examples.dense.to(at::kFloat).mean(1); };
  Tensor both = at::stack({brightness(large), brightness(small)});
  EXPECT_GT(at::corrcoef(both)[0][1].item<double>(), 0.99);  // so the rows of the two agree one by one
}

TEST(Registered, CmuFacesHaveFourFactors) {
  OPEN_OR_SKIP(faces, "cmu-faces", "all");
  EXPECT_EQ(faces.size(), 624);
  EXPECT_EQ(faces.shape, (Counts{1, 60, 64}));
  std::map<std::string, size_t> values;
  for (const Factor& factor : faces.factors)
    values[factor.name] = factor.value_names.size();
  EXPECT_EQ(values, (std::map<std::string, size_t>{{"person", 20}, {"pose", 4}, {"expression", 4}, {"eyes", 2}}));
}

}  // namespace
}  // namespace cleave::data
