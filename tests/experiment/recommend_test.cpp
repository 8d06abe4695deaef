// Which method somebody without a method is given.
#include "cleave/experiment/recommend.h"

#include <gtest/gtest.h>

#include "cleave/models/registry.h"

namespace cleave::experiment {
namespace {

data::Dataset a_dataset(data::Kind kind, int64_t size, std::vector<int64_t> shape) {
  data::Dataset dataset;
  dataset.kind = kind;
  int64_t width = 1;
  for (int64_t side : shape)
    width *= side;
  dataset.examples.dense = at::zeros({size, width});
  dataset.shape = shape;
  return dataset;
}

TEST(Recommend, AlteredCopiesOfImagesKeepWhatTheyShow) {
  const Recommendation advice = recommend(a_dataset(data::Kind::kImage, 1000, {1, 28, 40}), 7, /*altered=*/true);
  EXPECT_EQ(advice.method, "self-label");
  EXPECT_EQ(advice.settings["clusters"], 7);
  EXPECT_EQ(advice.data["augment_shift"], 2.0) << "a fourteenth of the shorter side";
  EXPECT_TRUE(configure<DataConfig>(advice.data).augment_rotation > 0);
}

TEST(Recommend, ImagesAreMappedWithoutANetworkAndTextsTaughtToOneHoweverFew) {
  for (int64_t size : {60, 1000}) {
    EXPECT_EQ(recommend(a_dataset(data::Kind::kImage, size, {1, 28, 28}), 7).method, "umap-gmm");
    EXPECT_EQ(recommend(a_dataset(data::Kind::kText, size, {2000}), 7).method, "simple-gm");
  }
}

TEST(Recommend, FewCellsAreClusteredByTheirComponentsManyOnAMap) {
  EXPECT_EQ(recommend(a_dataset(data::Kind::kCounts, 700, {3000}), 7).method, "pca-kmeans");
  EXPECT_EQ(recommend(a_dataset(data::Kind::kCounts, 2000, {3000}), 7).method, "umap-gmm");
}

TEST(Recommend, TheMixtureOfASmallTableIsTheLikeliestOfMany) {
  const Recommendation advice = recommend(a_dataset(data::Kind::kTable, 150, {4}), 3);
  EXPECT_EQ(advice.method, "gmm");
  EXPECT_GE(advice.settings["restarts"], 10);
}

TEST(Recommend, AMixtureIsAsBendyAsItsDataAre) {
  const auto noise = at::randn({400, 2}, Randomness(1).stream("noise"), at::kFloat);
  const Tensor far = at::tensor({8.0f, 0.0f}) * (at::arange(400) % 2).unsqueeze(1);
  const Tensor tilted = noise.mm(at::tensor({2.0f, 1.9f, 1.9f, 2.0f}).view({2, 2})) + far;
  EXPECT_EQ(favoured_covariance(noise + far, 2, Randomness(2)), "diag");
  EXPECT_EQ(favoured_covariance(tilted, 2, Randomness(2)), "full");
  EXPECT_EQ(favoured_covariance(tilted.narrow(0, 0, 7), 2, Randomness(2)), "diag") << "too few to tell";
}

TEST(Recommend, EveryKindGetsAMethodThatClustersWithSettingsItKnows) {
  for (auto kind : {data::Kind::kImage, data::Kind::kCounts, data::Kind::kText, data::Kind::kTable}) {
    for (int64_t size : {50, 1500}) {
      for (int64_t width : {4, 16}) {
        const data::Dataset dataset =
            a_dataset(kind, size,
                      kind == data::Kind::kImage ? std::vector<int64_t>{1, width, width} : std::vector<int64_t>{width});
        const Recommendation advice = recommend(dataset, 0);
        const model::Method& method = models::find_method(advice.method);
        EXPECT_TRUE(method.abilities.clusters);
        EXPECT_FALSE(method.learns_from_labels);
        EXPECT_NO_THROW(
            method.resolve(advice.settings, {.shape = dataset.shape, .width = dataset.width(), .size = size}));
        EXPECT_FALSE(advice.settings.contains("clusters"));
        EXPECT_TRUE(advice.data.empty() || kind == data::Kind::kImage);
      }
    }
  }
}

}  // namespace
}  // namespace cleave::experiment
