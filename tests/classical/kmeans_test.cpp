#include "cleave/classical/kmeans.h"

#include <set>

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "tests/support/noise.h"
#include "tests/support/reference.h"
#include "tests/support/threads.h"

namespace cleave::classical {
namespace {

using tests::near;
using tests::noise;
using tests::on_one_and_three_threads;
using tests::reference;
using tests::tensor_of;

/// Lloyd from given centres until nothing moves.
LloydStep converge(const Tensor& x, Tensor centres) {
  for (int i = 0; i < 1000; ++i) {
    LloydStep step = lloyd_step(x, centres);
    if (step.centres.equal(centres)) return step;
    centres = step.centres;
  }
  ADD_FAILURE() << "no convergence";
  return lloyd_step(x, centres);
}

TEST(KMeans, AgreesWithScikitLearnFromTheSameStart) {
  auto stored = reference("classical");
  Tensor x = tensor_of(stored["x"]);
  auto expected = stored["kmeans"];
  LloydStep last = converge(x, tensor_of(stored["start"]));
  EXPECT_NEAR(last.assignment.inertia, expected["inertia"].get<double>(), 1e-10 * last.assignment.inertia);
  EXPECT_TRUE(near(last.centres, tensor_of(expected["centres"]), 1e-12));
  EXPECT_TRUE(last.assignment.labels.equal(tensor_of<int64_t>(expected["labels"])));
  EXPECT_TRUE(
      near(lloyd_step(x, tensor_of(stored["start"])).centres, tensor_of(expected["centres_after_one_step"]), 1e-12));
}

TEST(KMeans, AnEmptyClusterTakesTheFarthestExampleAsInScikitLearn) {
  auto stored = reference("classical");
  auto expected = stored["kmeans_with_an_empty_cluster"];
  LloydStep step = lloyd_step(tensor_of(stored["x"]), tensor_of(expected["start"]));
  EXPECT_EQ(step.reseeded, 1);
  EXPECT_TRUE(near(step.centres, tensor_of(expected["centres_after_one_step"]), 1e-11));
}

TEST(KMeans, InertiaNeverRises) {
  Tensor x = noise({500, 9});  // 9 columns: whole lanes and a rest
  Tensor centres = kmeans_plus_plus(x, 7, Randomness(3));
  double before = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 30; ++i) {
    LloydStep step = lloyd_step(x, centres);
    EXPECT_LE(step.assignment.inertia, before * (1 + 1e-14));
    before = step.assignment.inertia;
    centres = step.centres;
  }
}

TEST(KMeans, AssignsAsTheDefinitionSays) {
  Tensor x = noise({333, 13}), centres = noise({5, 13}, 2);
  Tensor squares = (x.unsqueeze(1) - centres).square().sum(2);
  Assignment found = assign(x, centres);
  EXPECT_TRUE(found.labels.equal(squares.argmin(1)));
  EXPECT_TRUE(near(found.distances, squares.amin(1), 1e-12));
  EXPECT_TRUE(near(squared_distances(x, centres), squares, 1e-12));
  EXPECT_TRUE(near(assign(x.to(at::kFloat), centres).distances, squares.amin(1), 1e-4));
}

TEST(KMeans, AssignsFarFromTheOrigin) {
  const Tensor centres = at::tensor({0.f, 1e5f, 1e5f + 1}).unsqueeze(1);
  const Tensor x = at::tensor({1.f, 1e5f + 0.25f, 1e5f + 0.75f, 1e5f + 2}).unsqueeze(1);
  EXPECT_TRUE(assign(x, centres).labels.equal(at::tensor({0, 1, 2, 2}, at::kLong)));
}

TEST(KMeans, OrderOfRowsOnlyPermutesLabels) {
  Tensor x = noise({400, 6}), centres = x.slice(0, 0, 4);
  Tensor order = at::randperm(400, Randomness(5).stream("order"), at::kLong);
  LloydStep plain = converge(x, centres), permuted = converge(x.index_select(0, order), centres);
  EXPECT_TRUE(permuted.assignment.labels.equal(plain.assignment.labels.index_select(0, order)));
  EXPECT_TRUE(near(permuted.centres, plain.centres, 1e-12));
}

TEST(KMeans, ScaleAndShiftOfTheDataScaleAndShiftTheCentres) {
  Tensor x = noise({300, 4});
  KMeansOptions options{.clusters = 5, .restarts = 3};
  KMeansResult plain = kmeans(x, options, Randomness(1)), changed = kmeans(x * 4 + 64, options, Randomness(1));
  EXPECT_TRUE(changed.assignment.labels.equal(plain.assignment.labels));
  EXPECT_NEAR(changed.assignment.inertia, 16 * plain.assignment.inertia, 1e-9 * changed.assignment.inertia);
}

TEST(KMeans, FindsSeparatedBlobsEvenFarFromTheOriginInFloat32) {
  Tensor truth = at::arange(900) % 3;
  Tensor x = (noise({900, 2}) * 0.1 + truth.unsqueeze(1).to(at::kDouble) * 5 + 1e5).to(at::kFloat);
  Tensor labels = kmeans(x, {.clusters = 3}, Randomness(0)).assignment.labels;
  for (int64_t k = 0; k < 3; ++k) {
    Tensor members = labels.masked_select(truth == k);
    EXPECT_EQ(members.min().item<int64_t>(), members.max().item<int64_t>());
  }
}

TEST(KMeans, FindsCloseGroupsBesideOneFarAwayInFloat32) {
  const Tensor truth = at::arange(900) % 3, groups = at::tensor({0.0, 1.0, 30000.0}, at::kDouble);
  const Tensor x = (noise({900, 5}) * 1e-3 + groups.index_select(0, truth).unsqueeze(1)).to(at::kFloat);
  const Tensor centres = kmeans(x, {.clusters = 3}, Randomness(0)).centres.select(1, 0).to(at::kDouble);
  EXPECT_TRUE(at::allclose(std::get<0>(centres.sort()), groups, 1e-6, 1e-2));
  const Tensor start = at::tensor({0.4f, 0.6f, 30000.f}).unsqueeze(1).expand({3, 5});
  EXPECT_TRUE(lloyd_step(x - 10000, start - 10000).assignment.labels.equal(truth));
}

TEST(KMeans, SameSeedSameBitsAndAnotherSeedOthers) {
  Tensor x = noise({300, 8}).to(at::kFloat);
  KMeansOptions options{.clusters = 12, .restarts = 1, .max_iterations = 2};
  KMeansResult a = kmeans(x, options, Randomness(4)), b = kmeans(x, options, Randomness(4));
  EXPECT_TRUE(a.centres.equal(b.centres));
  EXPECT_EQ(a.assignment.inertia, b.assignment.inertia);
  EXPECT_FALSE(a.centres.equal(kmeans(x, options, Randomness(5)).centres));
}

TEST(KMeans, KeepsTheBestOfItsRestarts) {
  Tensor x = noise({200, 5});
  KMeansOptions options{.clusters = 8, .restarts = 6};
  CentredData data(x);
  KMeansProgress progress;
  double best = std::numeric_limits<double>::infinity();
  while (!progress.finished) {
    kmeans_iteration(data, options, Randomness(2), progress);
    if (progress.iteration == 0) best = std::min(best, progress.inertia);
  }
  EXPECT_EQ(progress.best_inertia, best);
  EXPECT_NEAR(kmeans(x, options, Randomness(2)).assignment.inertia, best, 1e-12);
}

TEST(KMeans, MiniBatchesComeCloseToLloyd) {
  Tensor x = noise({2000, 3}) + (at::arange(2000) % 4).unsqueeze(1) * 6;
  double whole = kmeans(x, {.clusters = 4, .restarts = 5}, Randomness(0)).assignment.inertia;
  KMeansOptions options{.clusters = 4, .restarts = 5, .max_iterations = 100, .mini_batch = 128};
  double batches = kmeans(x, options, Randomness(0)).assignment.inertia;
  EXPECT_GE(batches, whole * (1 - 1e-9));
  EXPECT_LE(batches, whole * 1.02);
}

/// As kmeans_plus_plus says it, with every distance computed.
Tensor slow_kmeans_plus_plus(const Tensor& x, int64_t clusters, const Randomness& random) {
  const auto trials = 2 + static_cast<int64_t>(std::log(static_cast<double>(clusters)));
  at::Generator generator = random.stream("k-means++");
  std::vector<Tensor> centres = {x[at::randint(x.size(0), {1}, generator, at::kLong).item<int64_t>()]};
  while (static_cast<int64_t>(centres.size()) < clusters) {
    const Tensor nearest = (x.unsqueeze(1) - at::stack(centres)).square().sum(2).amin(1);
    const Tensor threshold = at::rand({trials}, generator, at::kDouble) * nearest.sum();
    const Tensor drawn = at::searchsorted(nearest.cumsum(0), threshold, false, /*right=*/true);
    const Tensor candidates = x.index_select(0, drawn);
    const Tensor after = at::minimum((x.unsqueeze(0) - candidates.unsqueeze(1)).square().sum(2), nearest);  // [C, N]
    centres.push_back(candidates[after.sum(1).argmin().item<int64_t>()]);
  }
  return at::stack(centres);
}

TEST(KMeansPlusPlus, LeavesOutOnlyDistancesThatDoNotMatter) {
  const Tensor groups = 4 * noise({40, 5}, 2).repeat({20, 1}) + noise({800, 5}), one = noise({700, 21}, 3);
  for (uint64_t seed = 0; seed < 5; ++seed) {
    EXPECT_TRUE(
        kmeans_plus_plus(groups, 60, Randomness(seed)).equal(slow_kmeans_plus_plus(groups, 60, Randomness(seed))));
    EXPECT_TRUE(kmeans_plus_plus(one, 30, Randomness(seed)).equal(slow_kmeans_plus_plus(one, 30, Randomness(seed))));
  }
}

TEST(KMeansPlusPlus, ChoosesDistinctExamplesAsLongAsThereAreAny) {
  Tensor x = noise({5, 3}).repeat({20, 1});
  std::set<double> firsts;
  Tensor centres = kmeans_plus_plus(x, 7, Randomness(1));
  for (int64_t k = 0; k < 7; ++k)
    firsts.insert(centres[k][0].item<double>());
  EXPECT_EQ(firsts.size(), 5u);
}

TEST(KMeans, FewerDistinctExamplesThanClustersGiveInertiaZero) {
  Tensor x = noise({5, 3}).repeat({20, 1});
  KMeansResult result = kmeans(x, {.clusters = 8, .restarts = 2}, Randomness(1));
  EXPECT_NEAR(result.assignment.inertia, 0, 1e-20);
  EXPECT_EQ(std::get<0>(at::_unique(result.assignment.labels)).numel(), 5);
}

TEST(KMeans, ConstantDataOneExampleAndAsManyClustersAsExamplesWork) {
  EXPECT_EQ(kmeans(at::full({50, 2}, 3.0), {.clusters = 4}, Randomness(0)).assignment.inertia, 0);
  KMeansResult one = kmeans(at::full({1, 2}, 3.0, at::kFloat), {.clusters = 1}, Randomness(0));
  EXPECT_TRUE(one.centres.equal(at::full({1, 2}, 3.0f)));
  Tensor x = noise({6, 2});
  EXPECT_NEAR(kmeans(x, {.clusters = 6}, Randomness(0)).assignment.inertia, 0, 1e-25);
}

TEST(KMeans, RefusesWhatCannotBe) {
  Tensor x = noise({5, 2});
  EXPECT_THROW(kmeans(x, {.clusters = 6}, Randomness(0)), ArgumentError);
  EXPECT_THROW(kmeans(x, {.clusters = 0}, Randomness(0)), ArgumentError);
  EXPECT_THROW(kmeans(x, {.clusters = 2, .restarts = 0}, Randomness(0)), ArgumentError);
  EXPECT_THROW(kmeans(at::empty({0, 2}), {.clusters = 1}, Randomness(0)), ArgumentError);
  EXPECT_THROW(kmeans(at::ones({3, 2}, at::kLong), {.clusters = 1}, Randomness(0)), ArgumentError);
  EXPECT_THROW(assign(x, noise({2, 3})), ArgumentError);
  for (double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Tensor spoilt = x.clone();
    spoilt[3][1] = bad;
    EXPECT_THROW(kmeans(spoilt, {.clusters = 2}, Randomness(0)), DataError);
    EXPECT_THROW(assign(spoilt, x), DataError);
  }
}

TEST(KMeans, StopsWhenAsked) {
  int asked = 0;
  auto stop = [&] { return ++asked == 3; };
  EXPECT_THROW(kmeans(noise({100, 2}), {.clusters = 5}, Randomness(0), stop), Interrupted);
  EXPECT_EQ(asked, 3);
}

TEST(KMeans, IsTheSameBitsForAnyNumberOfThreads) {
  Tensor x = noise({9000, 40}).to(at::kFloat);
  auto [one, three] = on_one_and_three_threads(
      [&] { return kmeans(x, {.clusters = 7, .restarts = 1, .max_iterations = 20}, Randomness(1)); });
  EXPECT_TRUE(one.centres.equal(three.centres));
  EXPECT_TRUE(one.assignment.distances.equal(three.assignment.distances));
  EXPECT_EQ(one.assignment.inertia, three.assignment.inertia);
}

}  // namespace
}  // namespace cleave::classical
