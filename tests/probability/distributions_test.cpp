#include "cleave/probability/distributions.h"

#include <gtest/gtest.h>

#include "cleave/base/random.h"

namespace cleave::probability {
namespace {

Tensor row(std::vector<double> values) {
  return at::tensor(values, at::kDouble);
}

/// Integral of exp(log_density) over a grid [n, 1] by the trapezium rule.
double integral(const Tensor& grid, const Tensor& log_density) {
  return at::trapezoid(log_density.exp(), grid.squeeze(-1)).item<double>();
}

TEST(DiagonalNormal, DensityIntegratesToOneWhateverTheVariance) {
  Tensor grid = at::linspace(-40, 40, 40001, at::kDouble).unsqueeze(-1);
  for (double log_variance : {-3.0, -1.0, 0.0, 1.0, 3.0}) {
    DiagonalNormal normal{row({0.7}), row({log_variance})};
    EXPECT_NEAR(integral(grid, normal.log_prob(grid)), 1, 1e-9) << "log variance " << log_variance;
  }
}

TEST(Laplace, DensityIntegratesToOneAndHasTwiceTheSquareOfItsScaleAsVariance) {
  Tensor grid = at::linspace(-60, 60, 120'001, at::kDouble).unsqueeze(-1);
  for (double log_scale : {-1.0, 0.0, 1.0}) {
    Laplace laplace{row({0.5}), row({log_scale})};
    EXPECT_NEAR(integral(grid, laplace.log_prob(grid)), 1, 1e-5);
    Tensor square = (grid.squeeze(-1) - 0.5).square();
    EXPECT_NEAR(at::trapezoid(laplace.log_prob(grid).exp() * square, grid.squeeze(-1)).item<double>(),
                2 * std::exp(2 * log_scale), 1e-4);
  }
}

TEST(Categorical, RelaxedDrawsFavourAClassAsOftenAsItIsProbable) {
  Categorical y = Categorical::from_logits(row({0.3, -1, 2}));
  Categorical many = {y.log_probs.expand({50'000, 3}).contiguous()};
  for (double temperature : {0.1, 1.0, 5.0}) {
    Tensor shares = many.rsample_relaxed(temperature, Randomness(1).stream("y"));
    EXPECT_TRUE(at::allclose(shares.sum(-1), at::ones({50'000}, at::kDouble)));
    Tensor often = shares.argmax(-1).bincount({}, 3).to(at::kDouble) / 50'000;
    EXPECT_LT((often - y.probs()).abs().max().item<double>(), 0.01) << "temperature " << temperature;
  }
  Tensor cold = many.rsample_relaxed(0.01, Randomness(1).stream("y"));
  EXPECT_GT(cold.amax(-1).mean().item<double>(), 0.99);
  EXPECT_TRUE(many.rsample_relaxed(1e3, Randomness(1).stream("y")).sub(1.0 / 3).abs().max().item<double>() < 0.02);
}

TEST(NormalMixture, DensityIntegratesToOneAndPosteriorSumsToOne) {
  Tensor grid = at::linspace(-40, 40, 40001, at::kDouble).unsqueeze(-1);
  NormalMixture mixture{Categorical::from_logits(row({0.3, -1, 2})),
                        {row({-2, 0, 3}).unsqueeze(-1), row({-1, 1, 0.5}).unsqueeze(-1)}};
  EXPECT_NEAR(integral(grid, mixture.log_prob(grid)), 1, 1e-9);
  Tensor total = mixture.posterior(grid).probs().sum(-1);
  EXPECT_TRUE(at::allclose(total, at::ones_like(total), 1e-12, 1e-12));
}

TEST(NormalMixture, FarPointsKeepOneSureComponentInsteadOfUniformResponsibilities) {
  NormalMixture mixture{Categorical::uniform(2, at::kDouble), {row({-1, 1}).unsqueeze(-1), row({0, 0}).unsqueeze(-1)}};
  EXPECT_NEAR(mixture.posterior(row({200})).probs()[1].item<double>(), 1, 1e-12);
}

TEST(NegativeBinomial, ProbabilitiesSumToOneWithTheStatedMeanAndVariance) {
  double mean = 3.5, dispersion = 1.7;
  Tensor counts = at::arange(0, 2000, at::kDouble).unsqueeze(-1);
  NegativeBinomial distribution{row({mean}).log(), row({dispersion}).log()};
  Tensor p = distribution.log_prob(counts).exp();
  Tensor k = counts.squeeze(-1);
  EXPECT_NEAR(p.sum().item<double>(), 1, 1e-10);
  EXPECT_NEAR((p * k).sum().item<double>(), mean, 1e-9);
  EXPECT_NEAR((p * (k - mean).square()).sum().item<double>(), mean + mean * mean / dispersion, 1e-7);
}

TEST(NegativeBinomial, CountsOfSharedDispersionsAreTheFormulaAndItsGradients) {
  at::Generator random = Randomness(1).stream("counts");
  const Tensor rates = at::rand({40, 70}, random, at::kDouble).square() * 3, x = at::poisson(rates, random);
  ASSERT_GT(x.eq(0).sum().item<int64_t>(), 1000);
  for (at::ScalarType type : {at::kFloat, at::kDouble}) {
    const double tolerance = type == at::kFloat ? 2e-4 : 1e-11;
    const auto gradients = [&](bool formula) {
      Tensor log_mean = at::linspace(-60, 60, 40 * 70, at::kDouble).view({40, 70}).to(type).requires_grad_();
      Tensor log_dispersion = at::linspace(-9, 9, 70, at::kDouble).to(type).requires_grad_();
      // Of dispersions that differ between examples, only the formula is there.
      const Tensor r = formula ? log_dispersion.expand({40, 70}) : log_dispersion;
      const Tensor value = NegativeBinomial{log_mean, r}.log_prob(x.to(type));
      (value * at::linspace(-1, 1, 40, at::kDouble).to(type)).sum().backward();
      return std::vector<Tensor>{value.detach(), log_mean.grad(), log_dispersion.grad()};
    };
    const auto found = gradients(false), expected = gradients(true);
    for (size_t i = 0; i < expected.size(); ++i)
      EXPECT_TRUE(at::allclose(found[i], expected[i], tolerance, tolerance)) << type << " " << i;
  }
}

TEST(Bernoulli, AgreesWithTheDefinition) {
  Tensor p = row({0.2, 0.9});
  Bernoulli distribution{at::logit(p)};
  EXPECT_NEAR(distribution.log_prob(row({1, 0})).item<double>(), std::log(0.2) + std::log(0.1), 1e-12);
}

// Closed values of the field's formulas, worked out by hand.
TEST(Kl, NormalsHaveTheClosedValues) {
  DiagonalNormal standard{row({0}), row({0})};
  EXPECT_NEAR(kl(DiagonalNormal{row({1}), row({0})}, standard).item<double>(), 0.5, 1e-15);
  EXPECT_NEAR(kl(DiagonalNormal{row({0}), row({std::log(4)})}, standard).item<double>(), 0.8068528194400547, 1e-12);
  DiagonalNormal q{row({0.5}), row({std::log(0.25)})};
  EXPECT_NEAR(kl(q, standard).item<double>(), 0.443147180559945, 1e-12);
  EXPECT_NEAR(kl_from_standard_normal(q).sum().item<double>(), kl(q, standard).item<double>(), 1e-15);
}

TEST(Kl, CategoricalToUniformIsLogKMinusEntropyAndZeroProbabilitiesAreFine) {
  for (int64_t k : {2, 7, 10, 50}) {
    Categorical q = Categorical::from_logits(at::randn({k}, Randomness(k).stream("logits"), at::kDouble));
    EXPECT_NEAR(kl(q, Categorical::uniform(k, at::kDouble)).item<double>(), std::log(k) - q.entropy().item<double>(),
                1e-12);
  }
  Categorical q{row({0.7, 0.2, 0.1}).log()};
  EXPECT_NEAR(kl(q, Categorical::uniform(3, at::kDouble)).item<double>(), 0.296793736, 1e-9);
  Categorical sure{row({1, 0}).log()};
  EXPECT_NEAR(kl(sure, Categorical::uniform(2, at::kDouble)).item<double>(), std::log(2), 1e-12);
  EXPECT_EQ(kl(sure, sure).item<double>(), 0);
  EXPECT_EQ(sure.entropy().item<double>(), 0);
}

TEST(Kl, AClassWhoseProbabilityUnderflowsDoesNotPull) {
  Tensor logits = at::tensor({0.F, -200.F, -1.F}).requires_grad_();
  const Categorical q = Categorical::from_logits(logits);
  ASSERT_EQ(q.probs()[1].item<float>(), 0);
  (kl(q, Categorical::uniform(3, at::kFloat)) + q.entropy().square()).backward();
  EXPECT_TRUE(logits.grad().isfinite().all().item<bool>()) << logits.grad();
  EXPECT_EQ(logits.grad()[1].item<float>(), 0);
}

TEST(Kl, AgreesWithMonteCarlo) {
  DiagonalNormal q{row({0.3, -1}), row({0.5, -0.5})}, p{row({-0.2, 0.4}), row({0, 1})};
  int64_t samples = 200000;
  DiagonalNormal many{q.mean.expand({samples, 2}), q.log_variance};
  Tensor z = many.rsample(Randomness(5).stream("z"));
  Tensor difference = q.log_prob(z) - p.log_prob(z);
  double standard_error = difference.std().item<double>() / std::sqrt(samples);
  EXPECT_NEAR(difference.mean().item<double>(), kl(q, p).item<double>(), 4 * standard_error);
}

// The latent part of VaDE's objective (Jiang et al. 2017, eq. 10-12) on one example with one latent dimension.
TEST(NormalMixture, GivesVadesResponsibilitiesAndDivergences) {
  NormalMixture prior{{row({0.4, 0.6}).log()}, {row({-1, 1}).unsqueeze(-1), row({1, 0.5}).log().unsqueeze(-1)}};
  Categorical q_y = prior.posterior(row({0.85}));
  EXPECT_NEAR(q_y.probs()[0].item<double>(), 0.0801147687, 1e-10);
  DiagonalNormal q_z{row({0.5}), row({0.25}).log()};
  double kl_z = (q_y.probs() * kl(DiagonalNormal{q_z.mean.unsqueeze(0), q_z.log_variance}, prior.components))
                    .sum()
                    .item<double>();
  EXPECT_NEAR(kl_z, 0.434425330, 1e-9);
  EXPECT_NEAR(kl(q_y, prior.weights).item<double>(), 0.264259780, 1e-9);
}

TEST(BernoulliKl, HasTheClosedValuesOfTheSparsityPenalty) {
  Tensor values = bernoulli_kl(0.1, row({0.1, 0.2, 0.5}));
  EXPECT_NEAR(values[0].item<double>(), 0, 1e-12);
  EXPECT_NEAR(values[1].item<double>(), 0.036690, 1e-6);
  EXPECT_NEAR(values[2].item<double>(), 0.368064, 1e-6);
}

TEST(ImportanceWeighted, OfEqualWeightsIsTheWeight) {
  Tensor log_weights = at::full({50, 2}, -3.25, at::kDouble);
  EXPECT_TRUE(at::allclose(importance_weighted(log_weights), at::full({2}, -3.25, at::kDouble), 1e-14, 1e-14));
}

TEST(ImportanceWeighted, OfUnequalWeightsIsTheLogarithmOfTheirMeanForEachExample) {
  // Weights 1, 2, 6 with mean 3 and 8, 1, 1 with mean 10/3, scaled far beyond what exp() can hold.
  const Tensor log_weights = at::stack({row({1, 2, 6}).log() + 1000, row({8, 1, 1}).log() - 1000}, 1);  // [S, B]
  const Tensor expected = row({std::log(3.0) + 1000, std::log(10.0 / 3) - 1000});
  EXPECT_TRUE(at::allclose(importance_weighted(log_weights), expected, 0, 1e-12)) << importance_weighted(log_weights);
}

TEST(DiagonalNormal, DrawsComeFromTheGivenStreamOnly) {
  DiagonalNormal normal{at::zeros({4}), at::zeros({4})};
  Randomness random(9);
  EXPECT_TRUE(at::equal(normal.rsample(random.stream("noise", 3)), normal.rsample(random.stream("noise", 3))));
  EXPECT_FALSE(at::equal(normal.rsample(random.stream("noise", 3)), normal.rsample(random.stream("noise", 4))));
}

}  // namespace
}  // namespace cleave::probability
