#include <cmath>

#include <gmock/gmock.h>

#include "cleave/analysis/answers.h"
#include "cleave/analysis/clusters.h"
#include "cleave/analysis/contrast.h"
#include "cleave/analysis/generation.h"
#include "cleave/analysis/images.h"
#include "cleave/analysis/plane.h"
#include "tests/support/linear_model.h"

namespace cleave::analysis {
namespace {

using tests::LinearModel;
using tests::square_images;
using tests::unit_view;

std::vector<int64_t> list(const Tensor& values) {
  Tensor flat = values.to(at::kLong).contiguous();
  return {flat.const_data_ptr<int64_t>(), flat.const_data_ptr<int64_t>() + flat.numel()};
}

Representation rows_of(const Tensor& matrix) {
  return [matrix](const Tensor& positions) { return matrix.index_select(0, positions); };
}

TEST(EvenlySpread, TakesTheMiddleOfEqualParts) {
  EXPECT_THAT(list(evenly_spread(10, 5)), testing::ElementsAre(1, 3, 5, 7, 9));
  EXPECT_THAT(list(evenly_spread(3, 5)), testing::ElementsAre(0, 1, 2));
  EXPECT_EQ(evenly_spread(0, 5).size(0), 0);
}

TEST(StratifiedRows, AreDistinctInOrderAndOnePerStretch) {
  for (auto [size, count] : {std::pair<int64_t, int64_t>{70000, 5000}, {11, 10}, {1000, 999}, {7, 1}}) {
    Tensor rows = stratified_rows(size, count);
    ASSERT_EQ(rows.size(0), count);
    EXPECT_TRUE((rows.diff() > 0).all().item<bool>()) << size;
    EXPECT_GE(rows.min().item<int64_t>(), 0);
    EXPECT_LT(rows.max().item<int64_t>(), size);
  }
  EXPECT_THAT(list(stratified_rows(3, 5)), testing::ElementsAre(0, 1, 2));
}

TEST(StratifiedRows, SeeEveryParity) {
  // As in MNIST, where a step of 14 would show the even rows only and tell another accuracy.
  Tensor rows = stratified_rows(70000, 5000);
  for (int64_t step : {2, 7, 14}) {
    Tensor share = at::bincount(rows.remainder(step), {}, step).to(at::kDouble) / 5000;
    EXPECT_LT((share * step - 1).abs().max().item<double>(), 0.3) << step;
  }
}

TEST(Answers, OfBlocksAreThoseOfTheWhole) {
  data::Dataset dataset = square_images(5000);  // more than two blocks
  data::View view = unit_view(dataset);
  LinearModel model;
  Answers answers = ask(model, view);
  ASSERT_EQ(answers.codes.size(), 1);
  EXPECT_TRUE(at::equal(answers.code(), view.all().narrow(1, 0, 2)));
  EXPECT_TRUE(at::equal(answers.responsibilities[0], model.responsibilities(view.all(), 0)));
  EXPECT_TRUE(at::equal(answers.assignment(), dataset.labels));
}

TEST(Answers, HoldOnlyWhatTheMethodCan) {
  data::Dataset dataset = square_images(10);
  data::View view = unit_view(dataset);
  LinearModel clusterer({.clusters = true});
  Answers answers = ask(clusterer, view, at::tensor({7, 2}, at::kLong));
  EXPECT_FALSE(answers.code().defined());
  EXPECT_EQ(answers.responsibilities[0].size(0), 2);
  EXPECT_FALSE(mean_information(clusterer, view, answers.indices).defined());
}

TEST(Answers, ARowOfZerosBelongsToNoCluster) {
  Answers answers;
  answers.responsibilities = {at::tensor({0.F, 0.F, 0.2F, 0.8F}).view({2, 2})};
  EXPECT_THAT(list(answers.assignment()), testing::ElementsAre(-1, 1));
}

TEST(Gallery, RanksMembersByTheirDistanceFromTheCentre) {
  Tensor x = at::tensor({0., 1., 2., 3., 9., 100., 102.}).view({7, 1});
  Tensor assignment = at::tensor({0, 0, 0, 0, 0, 1, 1}, at::kLong);
  Gallery shown = gallery(at::one_hot(assignment, 3).to(at::kFloat), assignment, rows_of(x), 3);
  EXPECT_THAT(list(shown.sizes), testing::ElementsAre(5, 2, 0));
  EXPECT_THAT(list(shown.typical[0]), testing::ElementsAre(3, 2, 1));  // centre 3
  EXPECT_THAT(list(shown.spread[0]), testing::ElementsAre(3, 1, 4));   // ranks 0, 2 and 4 of 5
  EXPECT_THAT(list(shown.typical[1]), testing::ElementsAre(5, 6, -1));
  EXPECT_THAT(list(shown.typical[2]), testing::ElementsAre(-1, -1, -1));
  EXPECT_FALSE(shown.soft);
  EXPECT_EQ(shown.uncertain[0][0].item<int64_t>(), 4);  // 6 from its own centre, 92 from the other
  EXPECT_DOUBLE_EQ(shown.centres[1][0].item<double>(), 101);
}

TEST(Gallery, CallsLeastCertainWhomTheMethodIsLeastSureOf) {
  Tensor x = at::tensor({0., 1., 2.}).view({3, 1});
  Tensor responsibilities = at::tensor({0.9F, 0.1F, 0.6F, 0.4F, 0.7F, 0.3F}).view({3, 2});
  Gallery shown = gallery(responsibilities, at::zeros({3}, at::kLong), rows_of(x), 3);
  EXPECT_TRUE(shown.soft);
  EXPECT_THAT(list(shown.uncertain[0]), testing::ElementsAre(1, 2, 0));
}

TEST(Gallery, LeavesOutExamplesOfNoCluster) {
  Tensor x = at::tensor({0., 50., 2.}).view({3, 1});
  Gallery shown = gallery(at::tensor({1.F, 0.F, 1.F}).view({3, 1}), at::tensor({0, -1, 0}, at::kLong), rows_of(x), 3);
  EXPECT_EQ(shown.sizes[0].item<int64_t>(), 2);
  EXPECT_DOUBLE_EQ(shown.centres[0][0].item<double>(), 1);
  EXPECT_THAT(list(shown.typical[0]), testing::ElementsAre(0, 2, -1));
}

TEST(BySize, PutsTheLargestFirstAndKeepsTiesInOrder) {
  EXPECT_THAT(list(by_size(at::tensor({2, 5, 2, 0}, at::kLong))), testing::ElementsAre(1, 0, 2, 3));
}

TEST(Generation, SamplesAreOfTheClusterAskedForAndRepeat) {
  LinearModel model;
  Tensor samples = draw_samples(model, 0, 50, 1, Randomness(3));
  EXPECT_EQ(samples.sizes(), (std::vector<int64_t>{4, 50, 16}));
  for (int64_t k = 0; k < 4; ++k)
    EXPECT_TRUE(model.infer(samples[k]).y[0].eq(k).all().item<bool>()) << k;
  EXPECT_TRUE(at::equal(samples, draw_samples(model, 0, 50, 1, Randomness(3))));
  EXPECT_FALSE(at::equal(samples, draw_samples(model, 0, 50, 1, Randomness(4))));
}

TEST(Generation, ALayerDrawnAnewLeavesTheOthers) {
  LinearModel model;
  Tensor drawn = resampled_layers(model, at::full({1, 16}, 0.25F), 6, Randomness(3));
  EXPECT_EQ(drawn.sizes(), (std::vector<int64_t>{1, 6, 16}));
  EXPECT_GT(drawn.select(2, 0).std().item<double>(), 0);
}

TEST(Generation, TraversalsReachAsFarAsTheSpanSays) {
  LinearModel model;
  Tensor codes = at::rand({1000, 2}, Randomness(1).stream("codes"));
  Traversals moved = traverse(model, at::full({1, 16}, 0.25F), codes, {}, 2, 5, /*span=*/1);
  EXPECT_TRUE(at::allclose(moved.high - moved.low, 2 * codes.std(0, /*unbiased=*/false)));
}

TEST(Answers, InformationByClassIsTheMeanOverItsMembersAndUnknownWithoutAny) {
  data::Dataset dataset = square_images(10);
  data::View view = unit_view(dataset);
  LinearModel model;
  Tensor nats =
      information_by_class(model, view, at::tensor({0, 1, 2}, at::kLong), at::tensor({1, -1, 1}, at::kLong), 3);
  EXPECT_TRUE(at::allclose(nats[1], at::tensor({0.001F, 2.5F})));
  for (int64_t without : {0, 2})
    EXPECT_TRUE(nats[without].isnan().all().item<bool>()) << without;
}

TEST(Generation, TraversalsMoveOneLatentAndComeInOrderOfInformation) {
  LinearModel model;
  Tensor codes = at::rand({1000, 2}, Randomness(1).stream("codes"));
  Tensor base = at::full({1, 16}, 0.25F);
  Traversals moved = traverse(model, base, codes, at::tensor({0.001F, 2.5F}), 16, 5);
  EXPECT_THAT(list(moved.order), testing::ElementsAre(1, 0));
  EXPECT_THAT(list(moved.active()), testing::ElementsAre(0, 1));
  ASSERT_EQ(moved.decoded.sizes(), (std::vector<int64_t>{2, 5, 16}));
  EXPECT_TRUE(moved.decoded[0].select(1, 0).eq(0.25).all().item<bool>());  // the row of latent 1 holds latent 0
  EXPECT_NEAR(moved.decoded[0][0][1].item<double>(), 0.01, 0.01);
  EXPECT_NEAR(moved.decoded[0][4][1].item<double>(), 0.99, 0.01);
}

TEST(Generation, TraversalsWithoutInformationGoByVariance) {
  LinearModel model;
  Tensor codes = at::rand({1000, 2}, Randomness(1).stream("codes")) * at::tensor({1.F, 0.001F});
  Traversals moved = traverse(model, at::full({1, 16}, 0.25F), codes, {}, 1, 3);
  EXPECT_FALSE(moved.in_nats);
  EXPECT_THAT(list(moved.order), testing::ElementsAre(0));
  EXPECT_THAT(list(moved.active()), testing::ElementsAre(1, 0));
}

TEST(Generation, InterpolationsBeginAndEndAtTheReconstructions) {
  LinearModel model;
  Tensor from = at::rand({3, 16}, Randomness(1).stream("from")), to = at::rand({3, 16}, Randomness(1).stream("to"));
  Tensor x = interpolations(model, from, to, 5);
  EXPECT_TRUE(at::allclose(x.select(1, 0), reconstructions(model, from)));
  EXPECT_TRUE(at::allclose(x.select(1, 4), reconstructions(model, to)));
  EXPECT_TRUE(at::allclose(2 * x.select(1, 2), x.select(1, 0) + x.select(1, 4)));
}

TEST(Generation, EditsAddTheDifferenceOfTheGroupsToTheCode) {
  LinearModel model;
  auto rows = [](const char* name, int64_t count) { return at::rand({count, 16}, Randomness(1).stream(name)); };
  Tensor x = rows("x", 2), minus = rows("minus", 3), plus = rows("plus", 4);
  Tensor edited = edits(model, x, minus, plus, /*strength=*/2, /*steps=*/3);
  ASSERT_EQ(edited.sizes(), (std::vector<int64_t>{2, 3, 16}));
  EXPECT_TRUE(at::allclose(edited.select(1, 0), reconstructions(model, x)));
  Tensor step = plus.mean(0).narrow(0, 0, 2) - minus.mean(0).narrow(0, 0, 2);
  Tensor moved = (edited.select(1, 2) - edited.select(1, 0)).narrow(1, 0, 2);
  EXPECT_TRUE(at::allclose(moved, (2 * step).expand({2, 2}), 1e-5, 1e-6));
}

TEST(Images, StoredAndDecodedOnesShareAScale) {
  data::Dataset dataset = square_images(6);
  data::View view = unit_view(dataset);
  Tensor rows = at::tensor({3, -1, 5, 0}, at::kLong).view({2, 2});
  Tensor stored = stored_images(dataset, rows);
  ASSERT_EQ(stored.sizes(), (std::vector<int64_t>{2, 2, 1, 4, 4}));
  EXPECT_TRUE(stored[0][1].isnan().all().item<bool>());
  Tensor decoded = decoded_images(dataset, view, view.rows(at::tensor({3}, at::kLong)).unsqueeze(0));
  EXPECT_TRUE(at::allclose(decoded[0][0], stored[0][0]));
}

TEST(Contrast, FindsTheFeatureThatSetsAClusterApart) {
  data::Dataset dataset;
  dataset.shape = {3};
  Tensor x = at::randn({300, 3}, Randomness(1).stream("x"));
  Tensor cluster = at::arange(300) % 3;
  x.select(1, 2) += 4 * cluster.eq(1);
  x.select(1, 1).fill_(7);
  dataset.examples.dense = x;
  Contrast found = contrast(dataset, at::arange(300), cluster, 4, 2);
  EXPECT_EQ(found.top[1][0].item<int64_t>(), 2);
  EXPECT_GT(found.difference[1][2].item<double>(), 1);
  EXPECT_TRUE(found.difference.select(1, 1).eq(0).all().item<bool>());  // constant
  EXPECT_TRUE(found.difference[3].eq(0).all().item<bool>());            // empty
  Tensor column = x.select(1, 2).to(at::kDouble);
  double expected = (column.index({cluster.eq(1)}).mean() - column.mean()).item<double>() /
                    column.std(/*unbiased=*/false).item<double>();
  EXPECT_NEAR(found.difference[1][2].item<double>(), expected, 1e-9);
}

TEST(Contrast, OfCountsLooksForPresenceWhateverTheRowTotals) {
  data::Dataset dataset;
  dataset.kind = data::Kind::kCounts;
  dataset.shape = {3};
  // The second half of the rows is counted ten times as deeply; within each half, odd rows hold feature 1 more.
  Tensor x = at::tensor({8., 1., 1., 4., 5., 1.}).view({2, 3}).repeat({20, 1});
  x.narrow(0, 20, 20) *= 10;
  dataset.examples.dense = x;
  Contrast found = contrast(dataset, at::arange(40), at::arange(40) % 2, 2, 3);
  EXPECT_EQ(found.top[1][0].item<int64_t>(), 1);
  EXPECT_EQ(found.top[0][0].item<int64_t>(), 0);
  EXPECT_NEAR(found.difference[1][1].item<double>(), 1, 1e-6);
}

TEST(PrincipalPlane, LiesAlongTheWidestDirections) {
  Tensor x = at::randn({500, 5}, Randomness(1).stream("x")) * at::tensor({0.1, 9., 0.1, 3., 0.1});
  Plane plane = principal_plane(x);
  EXPECT_GT(plane.shares[0].item<double>(), plane.shares[1].item<double>());
  EXPECT_NEAR(plane.shares.sum().item<double>(), 1, 0.01);
  Tensor first = plane.points.select(1, 0), wide = x.select(1, 1).to(at::kDouble);
  EXPECT_NEAR(at::corrcoef(at::stack({first.to(at::kDouble), wide}))[0][1].abs().item<double>(), 1, 0.01);
}

TEST(PrincipalPlane, OfOneDimensionOrOneRowStillHasTwoAxes) {
  EXPECT_EQ(principal_plane(at::rand({5, 1})).points.sizes(), (std::vector<int64_t>{5, 2}));
  EXPECT_EQ(principal_plane(at::rand({1, 4})).points.sizes(), (std::vector<int64_t>{1, 2}));
}

}  // namespace
}  // namespace cleave::analysis
