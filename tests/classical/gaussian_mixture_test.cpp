#include "cleave/classical/gaussian_mixture.h"

#include <algorithm>
#include <cmath>
#include <numbers>
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

/// Three blobs of different shapes, overlapping.
Tensor blobs(int64_t n = 600, int64_t d = 5) {
  Tensor which = (at::arange(n) % 3).unsqueeze(1).to(at::kDouble);
  return noise({n, d}) * (1 + which) + which * 3;
}

struct EachCovariance : testing::TestWithParam<Covariance> {
  GaussianMixtureOptions options(int64_t components = 3) const {
    return {.components = components, .covariance = GetParam()};
  }
};
INSTANTIATE_TEST_SUITE_P(, EachCovariance, testing::Values(Covariance::kDiagonal, Covariance::kFull),
                         [](const auto& test) { return test.param == Covariance::kFull ? "Full" : "Diagonal"; });

TEST_P(EachCovariance, AgreesWithScikitLearnFromTheSameStart) {
  auto stored = reference("classical");
  Tensor x = tensor_of(stored["x"]);
  auto expected = stored[GetParam() == Covariance::kFull ? "mixture_full" : "mixture_diag"];
  Tensor variances = tensor_of(expected["variances"]);
  GaussianMixture mixture{tensor_of(expected["weights"]).log(), tensor_of(stored["start"]),
                          GetParam() == Covariance::kFull ? variances.diag_embed() : variances};
  int64_t done = 0;
  for (const auto& at_step : expected["trace"]) {
    for (; done < at_step["steps"].get<int64_t>(); ++done)
      mixture = em_step(x, mixture, 0).mixture;
    EXPECT_NEAR(mixture.log_likelihood(x).mean().item<double>(), at_step["log_likelihood"].get<double>(), 1e-10);
    EXPECT_TRUE(near(mixture.log_weights.exp(), tensor_of(at_step["weights"]), 1e-9));
    EXPECT_TRUE(near(mixture.means, tensor_of(at_step["means"]), 1e-9));
    EXPECT_TRUE(near(mixture.covariances, tensor_of(at_step["covariances"]), 1e-8));
  }
  EXPECT_TRUE(near(mixture.responsibilities(x.slice(0, 0, 5)), tensor_of(expected["responsibilities"]), 1e-9));
}

TEST_P(EachCovariance, LogLikelihoodNeverFallsEvenAtTheVarianceFloor) {
  Tensor x = blobs();
  for (double floor : {0.0, 1e-6, 0.5, 3.0}) {  // the last two bind
    GaussianMixture mixture =
        mixture_from_kmeans(x, {.components = 6, .covariance = GetParam(), .variance_floor = floor}, Randomness(1));
    double before = -std::numeric_limits<double>::infinity();
    for (int i = 0; i < 40; ++i) {
      EmStep step = em_step(x, mixture, floor);
      EXPECT_GE(step.log_likelihood, before - 1e-11) << "floor " << floor << ", step " << i;
      before = step.log_likelihood;
      mixture = step.mixture;
    }
  }
}

TEST_P(EachCovariance, DensityIntegratesToOne) {
  GaussianMixture mixture = fit_gaussian_mixture(blobs(300, 2), options(), Randomness(0)).mixture;
  Tensor axis = at::linspace(-25, 35, 601, at::kDouble);
  auto grid = at::meshgrid({axis, axis}, "ij");
  Tensor density = mixture.log_likelihood(at::stack({grid[0].flatten(), grid[1].flatten()}, 1)).exp();
  EXPECT_NEAR(density.sum().item<double>() * 0.01, 1, 1e-6);
}

TEST_P(EachCovariance, StepReportsTheLikelihoodOfTheMixtureThatWentIn) {
  Tensor x = blobs();
  GaussianMixture mixture = mixture_from_kmeans(x, options(), Randomness(1));
  EmStep step = em_step(x, mixture, 1e-6);
  EXPECT_NEAR(step.log_likelihood, mixture.log_likelihood(x).mean().item<double>(), 1e-12);
  EXPECT_TRUE(near(step.totals, mixture.responsibilities(x).sum(0), 1e-9));
}

TEST_P(EachCovariance, OneComponentIsTheMeanAndCovarianceOfTheData) {
  Tensor x = blobs() + 1e4;
  GaussianMixture mixture = fit_gaussian_mixture(x, options(1), Randomness(0)).mixture;
  Tensor expected = GetParam() == Covariance::kFull ? at::cov(x.t(), /*correction=*/0) : x.var(0, false);
  EXPECT_TRUE(near(mixture.means[0], x.mean(0), 1e-10));
  EXPECT_TRUE(near(mixture.covariances[0], expected, 1e-9));
}

TEST_P(EachCovariance, OrderOfRowsChangesNothing) {
  Tensor x = blobs();
  Tensor order = at::randperm(x.size(0), Randomness(2).stream("order"), at::kLong);
  GaussianMixture mixture = mixture_from_kmeans(x, options(), Randomness(1));
  EmStep plain = em_step(x, mixture, 1e-6), permuted = em_step(x.index_select(0, order), mixture, 1e-6);
  EXPECT_NEAR(plain.log_likelihood, permuted.log_likelihood, 1e-12);
  EXPECT_TRUE(near(plain.mixture.covariances, permuted.mixture.covariances, 1e-11));
}

TEST_P(EachCovariance, RecoversAKnownMixtureAndHonoursFloat32) {
  Tensor which = (at::arange(6000) % 3).unsqueeze(1).to(at::kDouble);
  Tensor x = noise({6000, 2}) * (which * 0.5 + 0.5) + which * 8;
  auto order = [](const Tensor& means) { return means.select(1, 0).argsort(); };
  for (auto type : {at::kDouble, at::kFloat}) {
    GaussianMixture mixture = fit_gaussian_mixture(x.to(type), options(), Randomness(0)).mixture;
    Tensor sorted = mixture.means.index_select(0, order(mixture.means));
    EXPECT_TRUE(near(sorted.select(1, 0), at::tensor({0.0, 8.0, 16.0}), 4 * 1.5 / std::sqrt(2000.0)));
    EXPECT_TRUE(near(mixture.log_weights.exp(), at::full({3}, 1.0 / 3), 1e-3));
  }
}

TEST_P(EachCovariance, ADeadComponentKeepsItsShapeAndTheRestGoOn) {
  Tensor x = blobs();
  GaussianMixture mixture = mixture_from_kmeans(x, options(), Randomness(1));
  mixture.means[2].fill_(1e6);
  for (int i = 0; i < 5; ++i) {
    EmStep step = em_step(x, mixture, 1e-6);
    EXPECT_LT(step.totals[2].item<double>(), 1e-10);
    EXPECT_TRUE(step.mixture.covariances[2].equal(mixture.covariances[2]));
    EXPECT_TRUE(at::isfinite(step.mixture.log_weights).all().item<bool>());
    EXPECT_TRUE(at::isfinite(step.mixture.means).all().item<bool>());
    mixture = step.mixture;
  }
  EXPECT_NEAR(mixture.log_weights.exp().sum().item<double>(), 1, 1e-12);
}

TEST_P(EachCovariance, ConstantColumnsDuplicatesAndOneExampleMeetTheFloor) {
  Tensor constant = at::full({40, 3}, 2.5), duplicates = noise({2, 3}).repeat({20, 1});
  for (const Tensor& x : {constant, duplicates, constant.slice(0, 0, 1)}) {
    int64_t components = std::min<int64_t>(x.size(0), 4);
    auto result = fit_gaussian_mixture(x, options(components), Randomness(0));
    EXPECT_TRUE(std::isfinite(result.log_likelihood));
    Tensor variances =
        GetParam() == Covariance::kFull ? at::linalg_eigvalsh(result.mixture.covariances) : result.mixture.covariances;
    EXPECT_GE(variances.min().item<double>(), 1e-6 * (1 - 1e-6));
  }
}

TEST_P(EachCovariance, WithoutAFloorACollapseIsAnErrorThatSaysWhatToDo) {
  GaussianMixtureOptions without = options(2);
  without.variance_floor = 0;
  try {
    fit_gaussian_mixture(at::full({40, 3}, 2.5), without, Randomness(0));
    FAIL() << "no error";
  } catch (const NumericalError& error) {
    EXPECT_NE(std::string(error.what()).find("variance floor"), std::string::npos) << error.what();
  }
}

TEST_P(EachCovariance, ProgressStoppedAnywhereEndsInTheSameBits) {
  Tensor x = blobs(200).to(at::kFloat);
  GaussianMixtureOptions twice = options(4);
  twice.restarts = 2;
  GaussianMixtureProgress a, b;
  while (!a.finished)
    mixture_iteration(x, twice, Randomness(3), a);
  while (!b.finished) {
    GaussianMixtureProgress copy = b;
    mixture_iteration(x, twice, Randomness(3), copy);  // an attempt whose outcome is thrown away
    mixture_iteration(x, twice, Randomness(3), b);
  }
  EXPECT_TRUE(a.best.means.equal(b.best.means));
  EXPECT_TRUE(a.best.covariances.equal(b.best.covariances));
  EXPECT_TRUE(fit_gaussian_mixture(x, twice, Randomness(3)).mixture.means.equal(a.best.means));
}

TEST_P(EachCovariance, KeepsTheBestOfItsRestarts) {
  Tensor x = noise({200, 3});
  GaussianMixtureOptions six = options(5);
  six.restarts = 6;
  std::set<int64_t> places;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    GaussianMixtureProgress progress;
    std::vector<double> log_likelihoods;
    std::vector<GaussianMixture> mixtures;
    while (!progress.finished) {
      mixture_iteration(x, six, Randomness(seed), progress);
      if (progress.iteration > 0) continue;
      log_likelihoods.push_back(progress.log_likelihood);
      mixtures.push_back(progress.mixture);
    }
    ASSERT_EQ(mixtures.size(), 6u);
    const auto best = std::max_element(log_likelihoods.begin(), log_likelihoods.end());
    const int64_t which = best - log_likelihoods.begin();
    GaussianMixtureResult result = fit_gaussian_mixture(x, six, Randomness(seed));
    EXPECT_EQ(result.log_likelihood, *best);
    EXPECT_EQ(result.best_restart, which);
    EXPECT_TRUE(result.mixture.means.equal(mixtures[which].means));
    EXPECT_TRUE(result.mixture.covariances.equal(mixtures[which].covariances));
    places.insert(which);
  }
  EXPECT_GT(places.size(), 1u) << "always the same place, which may be the one that is always kept";
}

// K = 3, D = 4: 2 weights and 12 means are free, and 3 * 4 variances or 3 * 4 * 5 / 2 covariances.
TEST_P(EachCovariance, BicAddsTheLogarithmOfTheSizeForEveryFreeNumber) {
  GaussianMixtureResult result{.mixture = mixture_from_kmeans(blobs(100, 4), options(), Randomness(1)),
                               .log_likelihood = -1.5};
  const double free = GetParam() == Covariance::kFull ? 44 : 26;
  EXPECT_NEAR(result.bic(100), 2 * 1.5 * 100 + free * std::log(100), 1e-9);
}

TEST(GaussianMixture, LogDensityIsTheTextbookOne) {
  GaussianMixture mixture{at::tensor({0.25, 0.75}).log(), at::tensor({1.0, -2.0}).reshape({2, 1}),
                          at::tensor({4.0, 0.5}).reshape({2, 1})};
  double x = 0.3;
  auto log_normal = [&](double m, double v) {
    return -0.5 * (std::log(2 * std::numbers::pi * v) + (x - m) * (x - m) / v);
  };
  Tensor found = mixture.log_prob_components(at::full({1, 1}, x, at::kDouble))[0];
  EXPECT_NEAR(found[0].item<double>(), std::log(0.25) + log_normal(1, 4), 1e-14);
  EXPECT_NEAR(found[1].item<double>(), std::log(0.75) + log_normal(-2, 0.5), 1e-14);
}

TEST_P(EachCovariance, StartsFromLabelsAndForgetsThoseThatAreWrong) {
  const Tensor truth = at::arange(600) % 3, x = noise({600, 4}) + 6 * truth.unsqueeze(1).to(at::kDouble);
  GaussianMixture mixture = mixture_from_labels(x, truth, options(4));
  EXPECT_TRUE(near(mixture.means[1], x.index_select(0, truth.eq(1).nonzero().flatten()).mean(0), 1e-9));
  EXPECT_NEAR(mixture.log_weights[2].exp().item<double>(), 1.0 / 3, 1e-9);
  EXPECT_LT(mixture.log_weights[3].exp().item<double>(), 1e-6) << "no example is labelled with it";

  const Tensor wrong = at::where(at::arange(600).lt(120), (truth + 1) % 3, truth);
  mixture = mixture_from_labels(x, wrong, options(3));
  for (int step = 0; step < 30; ++step)
    mixture = em_step(x, mixture, 1e-6).mixture;
  EXPECT_TRUE(at::equal(mixture.responsibilities(x).argmax(1), truth));
}

TEST(GaussianMixture, FarPointsHaveDecidedResponsibilities) {
  GaussianMixture mixture{at::full({2}, std::log(0.5), at::kDouble), at::tensor({0.0, 1.0}).reshape({2, 1}),
                          at::ones({2, 1}, at::kDouble)};
  Tensor r = mixture.responsibilities(at::full({1, 1}, 1e6, at::kDouble));
  EXPECT_EQ(r[0][1].item<double>(), 1);
}

TEST(GaussianMixture, RefusesWhatCannotBe) {
  Tensor x = noise({5, 2});
  EXPECT_THROW(fit_gaussian_mixture(x, {.components = 6}, Randomness(0)), ArgumentError);
  EXPECT_THROW(fit_gaussian_mixture(x, {.components = 2, .restarts = 0}, Randomness(0)), ArgumentError);
  Tensor spoilt = x.clone();
  spoilt[0][0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(fit_gaussian_mixture(spoilt, {.components = 2}, Randomness(0)), DataError);
  GaussianMixture mixture = mixture_from_kmeans(x, {.components = 2}, Randomness(0));
  EXPECT_THROW(mixture.log_likelihood(noise({5, 3})), ArgumentError);
}

TEST(GaussianMixture, StopsWhenAsked) {
  EXPECT_THROW(fit_gaussian_mixture(blobs(), {.components = 3}, Randomness(0), [] { return true; }), Interrupted);
}

TEST(GaussianMixture, IsTheSameBitsForAnyNumberOfThreads) {
  Tensor x = at::randn({6000, 60}, Randomness(1).stream("test"));
  for (Covariance covariance : {Covariance::kDiagonal, Covariance::kFull}) {
    auto [one, three] = on_one_and_three_threads([&] {
      return fit_gaussian_mixture(x, {.components = 4, .covariance = covariance, .max_iterations = 5}, Randomness(1));
    });
    EXPECT_EQ(one.log_likelihood, three.log_likelihood);
    EXPECT_TRUE(one.mixture.covariances.equal(three.mixture.covariances));
  }
}

}  // namespace
}  // namespace cleave::classical
