#include "cleave/probability/likelihood.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "tests/support/raises.h"
#include "tests/support/reference.h"

namespace cleave::probability {
namespace {

using tests::near;

/// One example, [1, X] float32.
Tensor row(std::vector<double> values) {
  return at::tensor(values, at::kFloat).unsqueeze(0);
}

const double kLogThree = std::log(3.0);

TEST(Likelihood, BernoulliReadsLogits) {
  const Likelihood likelihood("bernoulli", 1, 0);
  EXPECT_TRUE(near(likelihood.mean(row({0, kLogThree})), row({0.5, 0.75}), 1e-6));
  EXPECT_TRUE(near(likelihood.log_prob(row({1}), row({0})), at::tensor({-std::log(2.0)}), 1e-6));
  EXPECT_TRUE(
      near(likelihood.log_prob(row({1, 0}), row({kLogThree, -kLogThree})), at::tensor({2 * std::log(0.75)}), 1e-6));
}

TEST(Likelihood, GaussianReadsItsMeanAndHasTheVarianceGiven) {
  const Likelihood likelihood("gaussian", 2, 4);
  EXPECT_TRUE(likelihood.mean(row({0.3, -1})).equal(row({0.3, -1})));
  // Two features: -2 (log 2 pi 4) / 2, and one of them lies a standard deviation off.
  const double expected = -std::log(8 * std::numbers::pi) - 0.5;
  EXPECT_TRUE(near(likelihood.log_prob(row({2, -1}), row({0, -1})), at::tensor({expected}), 1e-6));
}

TEST(Likelihood, LaplaceReadsItsMeanAndHasTheVarianceGiven) {
  const Likelihood likelihood("laplace", 1, 0.5);  // 2 b^2 = 1/2: b = 1/2, and the density exp(-2 |x - mean|)
  EXPECT_TRUE(likelihood.mean(row({0.3})).equal(row({0.3})));
  EXPECT_TRUE(near(likelihood.log_prob(row({0}), row({0})), at::zeros({1}), 1e-6));
  EXPECT_TRUE(near(likelihood.log_prob(row({0.25}), row({1})), at::tensor({-1.5}), 1e-6));
}

TEST(Likelihood, CountsShareTheTotalOfTheirRow) {
  const Likelihood likelihood("negative-binomial", 2, 0);
  const Tensor x = row({3, 1}), even = row({0, 0});
  // Mean m = 2 each and dispersion 1 make (m + 1)^-1 (m / (m + 1))^x: 2 log(1/3) + 4 log(2/3).
  EXPECT_TRUE(near(likelihood.log_prob(x, even), at::tensor({-3.819085}), 1e-5));
  // Shares 3/4 and 1/4, means 3 and 1: log(1/4) + 3 log(3/4) + log(1/2) + log(1/2).
  EXPECT_TRUE(near(likelihood.log_prob(x, row({kLogThree, 0})), at::tensor({-3.635635}), 1e-5));
  EXPECT_TRUE(near(likelihood.mean(even), row({5000, 5000}), 1e-2));
  EXPECT_TRUE(near(likelihood.mean(row({kLogThree, 0})), row({7500, 2500}), 1e-2));
  EXPECT_TRUE(near(likelihood.encoder_input(x), row({std::log(7501), std::log(2501)}), 1e-5));
}

TEST(Likelihood, ARowWithoutCountsHasATotalOfOne) {
  const Likelihood likelihood("negative-binomial", 2, 0);
  const Tensor nothing = row({0, 0});
  EXPECT_TRUE(near(likelihood.log_prob(nothing, nothing), at::tensor({2 * std::log(1 / 1.5)}), 1e-6));
  EXPECT_TRUE(likelihood.encoder_input(nothing).equal(nothing));
}

TEST(Likelihood, OnlyCountsAreChangedForTheEncoder) {
  const Tensor x = row({0.25, 1});
  for (const char* kind : {"bernoulli", "gaussian", "laplace"})
    EXPECT_TRUE(Likelihood(kind, 2, 1).encoder_input(x).equal(x)) << kind;
}

TEST(Likelihood, AVarianceOfZeroIsLearnedFromATenthOn) {
  const Likelihood learned("gaussian", 1, 0);
  EXPECT_EQ(learned.parameters().size(), 1u);
  const double expected = -0.5 * std::log(2 * std::numbers::pi * 0.1);
  EXPECT_TRUE(near(learned.log_prob(row({0}), row({0})), at::tensor({expected}), 1e-6));
  EXPECT_TRUE(Likelihood("gaussian", 1, 0.1).parameters().empty());
  EXPECT_TRUE(Likelihood("laplace", 1, 0.1).parameters().empty());
}

TEST(Likelihood, RefusesAnUnknownKindByName) {
  EXPECT_RAISES(Likelihood("poisson", 1, 0), ArgumentError, "'poisson'");
}

}  // namespace
}  // namespace cleave::probability
