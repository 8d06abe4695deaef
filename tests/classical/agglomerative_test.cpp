#include "cleave/classical/agglomerative.h"

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/base/random.h"
#include "tests/support/noise.h"
#include "tests/support/raises.h"
#include "tests/support/reference.h"
#include "tests/support/threads.h"

namespace cleave::classical {
namespace {

using tests::near;
using tests::noise;
using tests::on_one_and_three_threads;
using tests::reference;
using tests::tensor_of;

constexpr Linkage kAll[] = {Linkage::kSingle, Linkage::kComplete, Linkage::kAverage, Linkage::kWard,
                            Linkage::kCentroid};
constexpr const char* kNames[] = {"single", "complete", "average", "ward", "centroid"};

/// Cophenetic distances [N, N]: the height at which two examples first share a cluster.
Tensor cophenetic(const MergeTree& tree) {
  const int64_t n = tree.examples();
  std::vector<Tensor> members;
  for (int64_t i = 0; i < n; ++i)
    members.push_back(at::tensor({i}));
  Tensor result = at::zeros({n, n}, at::kDouble);
  for (int64_t t = 0; t < n - 1; ++t) {
    Tensor a = members[static_cast<size_t>(tree.merges[t][0].item<int64_t>())];
    Tensor b = members[static_cast<size_t>(tree.merges[t][1].item<int64_t>())];
    result.index_put_({a.unsqueeze(1), b.unsqueeze(0)}, tree.heights[t]);
    result.index_put_({b.unsqueeze(1), a.unsqueeze(0)}, tree.heights[t]);
    members.push_back(at::cat({a, b}));
  }
  return result;
}

struct EveryLinkage : testing::TestWithParam<int> {
  Linkage linkage() const { return kAll[GetParam()]; }
  const char* name() const { return kNames[GetParam()]; }
};
INSTANTIATE_TEST_SUITE_P(, EveryLinkage, testing::Range(0, 5), [](const auto& i) { return kNames[i.param]; });

TEST_P(EveryLinkage, AgreesWithScipy) {
  const auto cases = reference("hierarchy")["trees"];
  ASSERT_GE(cases.size(), 4u);
  for (const auto& stored : cases) {
    MergeTree tree = agglomerate(tensor_of(stored["x"]), {.linkage = linkage()});
    const auto& expected = stored[name()];
    EXPECT_TRUE(near(tree.heights, tensor_of(expected["heights"]), 1e-10)) << stored["name"];
    if (stored["name"] != "plain") continue;  // equal heights may merge in another order
    EXPECT_TRUE(tree.merges.equal(tensor_of<int64_t>(expected["merges"])));
    EXPECT_TRUE(tree.sizes.equal(tensor_of<int64_t>(expected["sizes"])));
  }
}

TEST_P(EveryLinkage, HeightsOfReducibleLinkagesNeverFall) {
  MergeTree tree = agglomerate(noise({300, 3}).to(at::kFloat), {.linkage = linkage()});
  Tensor steps = tree.heights.diff();
  if (linkage() == Linkage::kCentroid)
    EXPECT_LT(steps.min().item<double>(), 0) << "centroids of noise do invert";
  else
    EXPECT_GE(steps.min().item<double>(), 0);
  EXPECT_EQ(tree.sizes[-1].item<int64_t>(), 300);
}

TEST_P(EveryLinkage, OrderOfExamplesDoesNotMatter) {
  Tensor x = noise({150, 4}), order = at::randperm(150, Randomness(2).stream("order"), at::kLong);
  Tensor plain = cophenetic(agglomerate(x, {.linkage = linkage()}));
  Tensor permuted = cophenetic(agglomerate(x.index_select(0, order), {.linkage = linkage()}));
  EXPECT_TRUE(near(permuted, plain.index_select(0, order).index_select(1, order), 1e-10));
}

TEST_P(EveryLinkage, AnyNumberOfThreadsGivesTheSameBits) {
  Tensor x = noise({700, 30}).to(at::kFloat);
  auto [one, many] = on_one_and_three_threads([&] { return agglomerate(x, {.linkage = linkage()}); });
  EXPECT_TRUE(one.merges.equal(many.merges));
  EXPECT_TRUE(one.heights.equal(many.heights));
}

TEST_P(EveryLinkage, CutsHaveTheCountAskedFor) {
  MergeTree tree = agglomerate(noise({120, 3}), {.linkage = linkage()});
  for (int64_t k : {1, 2, 7, 119, 120}) {
    Tensor labels = cut_into(tree, k);
    EXPECT_EQ(std::get<0>(at::_unique(labels)).numel(), k);
    EXPECT_EQ(labels[0].item<int64_t>(), 0) << "clusters are numbered by their first examples";
  }
  EXPECT_RAISES(cut_into(tree, 121), ArgumentError, "121 clusters asked of 120 examples");
  EXPECT_TRUE((cut_at(tree, tree.heights.max().item<double>()) == 0).all().item<bool>());
  EXPECT_TRUE(cut_at(tree, 0).equal(at::arange(120)));
}

TEST_P(EveryLinkage, DuplicatesConstantsAndFewExamplesWork) {
  Tensor copies = noise({7, 2}).repeat({30, 1});
  MergeTree tree = agglomerate(copies, {.linkage = linkage()});
  EXPECT_TRUE((tree.heights.slice(0, 0, 203).abs() < 1e-7).all().item<bool>());
  EXPECT_GT(tree.heights[203].item<double>(), 1e-3);
  EXPECT_TRUE(cut_into(tree, 7).equal(at::arange(7).repeat(30)));
  EXPECT_TRUE((agglomerate(at::full({40, 3}, 2.5), {.linkage = linkage()}).heights == 0).all().item<bool>());
  EXPECT_EQ(agglomerate(noise({1, 2}), {.linkage = linkage()}).examples(), 1);
  EXPECT_TRUE(cut_into(agglomerate(noise({1, 2}), {.linkage = linkage()}), 1).equal(at::zeros({1}, at::kLong)));
}

TEST_P(EveryLinkage, RefusesWhatIsNotFiniteAndStopsWhenAsked) {
  for (double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Tensor spoilt = noise({6, 2});
    spoilt[3][1] = bad;
    EXPECT_THROW(agglomerate(spoilt, {.linkage = linkage()}), DataError);
  }
  int asked = 0;
  EXPECT_THROW(agglomerate(noise({600, 2}), {.linkage = linkage()}, [&] { return ++asked == 3; }), Interrupted);
}

TEST_P(EveryLinkage, WithEveryExampleANeighbourConnectivityChangesNothing) {
  Tensor x = noise({60, 3});
  MergeTree plain = agglomerate(x, {.linkage = linkage()});
  MergeTree connected = agglomerate(x, {.linkage = linkage(), .connectivity = 59});
  EXPECT_TRUE(near(connected.heights, plain.heights, 1e-10));
  EXPECT_TRUE(connected.merges.equal(plain.merges));
}

TEST_P(EveryLinkage, ConnectivityKeepsGroupsApartAndJoinsWhatNothingConnects) {
  Tensor group = at::arange(90) % 3;
  Tensor x = noise({90, 2}) * 0.1 + group.unsqueeze(1) * 10;
  MergeTree tree = agglomerate(x, {.linkage = linkage(), .connectivity = 4});
  EXPECT_EQ(tree.sizes[-1].item<int64_t>(), 90);
  EXPECT_TRUE(cut_into(tree, 3).equal(group));
}

TEST(Agglomerative, WardHeightsAddUpToTheScatter) {
  // Each merge adds height^2 / 2 to the squared distances within clusters.
  Tensor x = noise({500, 7}) * 3 + 100;
  double within = agglomerate(x).heights.square().sum().item<double>() / 2;
  double scatter = (x - x.mean(0)).square().sum().item<double>();
  EXPECT_NEAR(within, scatter, 1e-9 * scatter);
}

TEST(Agglomerative, WardFollowsChainsWhereMutualPairsAreRare) {
  // Gaps that grow: one pair is mutual at a time. And a hub, whose merges outdate what every other example knows.
  Tensor line = at::pow(1.01, at::arange(400, at::kDouble)).cumsum(0).unsqueeze(1);
  Tensor hub = at::cat({at::zeros({1, 200}, at::kDouble), at::eye(200, at::kDouble) * 10});
  for (const Tensor& x : {line, hub}) {
    double scatter = (x - x.mean(0)).square().sum().item<double>();
    EXPECT_NEAR(agglomerate(x).heights.square().sum().item<double>() / 2, scatter, 1e-9 * scatter);
  }
}

TEST(Agglomerative, MatrixThatDoesNotFitIsRefusedWithAdvice) {
  AgglomerativeOptions options{.linkage = Linkage::kAverage, .memory = 1000};
  EXPECT_RAISES(agglomerate(noise({100, 2}), options), ArgumentError, "take linkage ward or single");
  EXPECT_RAISES(agglomerate(noise({5, 2}), {.connectivity = 5}), ArgumentError, "there are 5 examples");
  EXPECT_RAISES(linkage_of("wards"), ArgumentError, "ward");
}

TEST(Agglomerative, DistancesThatAreNotFiniteAreRefused) {
  const Tensor x = at::tensor({3e38, -3e38, 2.9e38, -2.9e38, 0.0, 1e38}, at::kFloat).unsqueeze(1);
  for (Linkage linkage : {Linkage::kAverage, Linkage::kComplete})
    EXPECT_THROW(agglomerate(x, {.linkage = linkage}), DataError);
}

TEST(Agglomerative, CutAtAHeightCountsInversionsOfTheirParts) {
  // The second merge lies below the first, which is its part.
  MergeTree tree = tree_of({{0, 1, 2.0}, {1, 2, 1.5}, {0, 3, 5.0}}, /*by_height=*/false);
  EXPECT_TRUE(cut_at(tree, 1.7).equal(at::tensor({0, 1, 2, 3}, at::kLong)));
  EXPECT_TRUE(cut_at(tree, 2.0).equal(at::tensor({0, 0, 0, 1}, at::kLong)));
  EXPECT_TRUE(cut_into(tree, 2).equal(at::tensor({0, 0, 0, 1}, at::kLong)));
}

}  // namespace
}  // namespace cleave::classical
