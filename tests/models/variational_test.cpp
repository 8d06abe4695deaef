// Densities, divergences and weights of the variational methods at values worked out by hand.
#include <cmath>
#include <map>
#include <numbers>

#include <gtest/gtest.h>

#include "cleave/model/method.h"
#include "cleave/models/registry.h"

namespace cleave::models {
namespace {

using namespace cleave::model;

const data::Description kRows = {.shape = {3}, .width = 3, .size = 5, .classes = 3};
constexpr double kVariance = 0.5;  // of x about what is decoded

std::shared_ptr<Model> a_model(const std::string& name, Settings settings) {
  settings.update({{"hidden", {4}}, {"likelihood", "gaussian"}, {"variance", kVariance}});
  const Method& method = find_method(name);
  auto model = method.make(method.resolve(settings, kRows), kRows, Randomness(1));
  model->eval();
  return model;
}

// What heads are told to say of every example: q(z | x) = Normal(0.5, 0.25), of a second latent Normal(-1, 4), and
// q(y | x) = (0.7, 0.2, 0.1).
using Heads = std::map<std::string, std::vector<double>>;
const double kFirst = std::log(0.25), kSecond = std::log(4.0);
const std::vector<double> kLogProbabilities = {std::log(0.7), std::log(0.2), std::log(0.1)};
const Heads kOneCode = {{"network.head", {0.5}}, {"log_variance_head", {kFirst}}};
const Heads kCodeAndClass = {
    {"network.mean", {0.5}}, {"network.log_variance", {kFirst}}, {"network.classifier", kLogProbabilities}};
const Heads kTwoCodesAndClass = {{"network.mean", {0.5, -1}},
                                 {"network.log_variance", {kFirst, kSecond}},
                                 {"network.classifier", kLogProbabilities}};
const Heads kTwoRungs = {
    {"mean_1", {0.5}}, {"log_variance_1", {kFirst}}, {"mean_2", {-1}}, {"log_variance_2", {kSecond}}};

// Their divergences: (m^2 + s^2 - 1 - log s^2) / 2 from Normal(0, 1), and sum q log(3 q) from even categories.
const double kKlFirst = (0.25 + 0.25 - 1 - kFirst) / 2;                                   // 0.443147
const double kKlSecond = (1 + 4 - 1 - kSecond) / 2;                                       // 1.306853
const double kKlClass = 0.7 * std::log(2.1) + 0.2 * std::log(0.6) + 0.1 * std::log(0.3);  // 0.296794

std::shared_ptr<Model> told(const std::string& name, const Settings& settings, const Heads& heads) {
  auto model = a_model(name, settings);
  at::NoGradGuard no_grad;
  for (const auto& [head, says] : heads) {
    model->named_parameters()[head + ".weight"].zero_();
    model->named_parameters()[head + ".bias"].copy_(at::tensor(says, at::kDouble));
  }
  return model;
}

Tensor five_examples() {
  return at::randn({5, 3}, Randomness(1).stream("x"));
}

/// The objective of a stage on five examples of class 2.
Objective objective(Model& model, const std::string& stage, const Step& step = {.epochs = 10}) {
  at::NoGradGuard no_grad;
  for (const Stage& each : model.stages()) {
    if (each.name == stage)
      return model.objective({five_examples(), at::arange(5), at::full({5}, 2, at::kLong)}, each, step, Randomness(5));
  }
  ADD_FAILURE() << "no stage " << stage;
  return {};
}

struct Paid {
  std::string name;
  double nats, weight;
};

/// A reconstruction of that weight, and after it these terms, the same for every example.
void expect_terms(const Objective& objective, double reconstruction_weight, const std::vector<Paid>& expected) {
  ASSERT_EQ(objective.terms.size(), expected.size() + 1);
  EXPECT_EQ(objective.terms[0].name, "reconstruction");
  EXPECT_EQ(objective.terms[0].weight, reconstruction_weight);
  for (size_t i = 0; i < expected.size(); ++i) {
    const Term& term = objective.terms[i + 1];
    EXPECT_EQ(term.name, expected[i].name);
    EXPECT_NEAR(term.weight, expected[i].weight, 1e-12) << term.name;
    EXPECT_TRUE(at::allclose(term.nats, at::full({5}, expected[i].nats), 0, 1e-5)) << term.name << "\n" << term.nats;
  }
}

TEST(Variational, TheVaePaysBetaTimesTheDivergenceOnceItIsWarm) {
  auto model = told("vae", {{"latent_dim", 1}, {"beta", 4}, {"warm_up_epochs", 2}}, kOneCode);
  for (const auto& [epoch, weight] : std::map<int64_t, double>{{0, 0}, {1, 2}, {2, 4}, {9, 4}})
    expect_terms(objective(*model, "fit", {.epoch = epoch, .epochs = 10}), 1, {{"kl_z", kKlFirst, weight}});
}

TEST(Variational, TheSimpleModelPaysEachDivergenceByAWeightOfItsOwn) {
  const Settings settings = {{"clusters", 3},        {"latent_dim", 1},      {"reconstruction_weight", 2},
                             {"category_weight", 3}, {"gaussian_weight", 7}, {"start_weight", 11}};
  auto model = told("simple-gm", settings, kCodeAndClass);
  expect_terms(objective(*model, "fit"), 2, {{"kl_y", kKlClass, 3}, {"kl_z", kKlFirst, 7}});
  expect_terms(objective(*model, "start"), 2, {{"kl_z", kKlFirst, 7}, {"first_category", -std::log(0.7), 11}});
}

TEST(Variational, SelfLabellingPaysForTheCategoriesThatItTrusts) {
  const Settings settings = {{"clusters", 3}, {"latent_dim", 1}, {"category_weight", 20}, {"smoothing", 0.3}};
  auto model = told("self-label", settings, kCodeAndClass);
  const double evenly = (kLogProbabilities[0] + kLogProbabilities[1] + kLogProbabilities[2]) / 3;
  auto pays = [&](int64_t c) { return -(0.7 * kLogProbabilities[c] + 0.3 * evenly); };
  expect_terms(objective(*model, "fit"), 1, {{"kl_z", kKlFirst, 1}, {"category", pays(0), 20}});
  model->named_buffers()["categories"].set_data(at::tensor({0, 1, 2, 2, 1}, at::kLong));
  model->named_buffers()["trusted"].set_data(at::tensor({1.0F, 1.0F, 1.0F, 0.0F, 1.0F}));
  const Tensor nats = objective(*model, "fit").terms[2].nats;
  const Tensor expected = at::tensor({pays(0), pays(1), pays(2), 0.0, pays(1)}, at::kFloat);
  EXPECT_TRUE(at::allclose(nats, expected, 0, 1e-5)) << nats;
}

TEST(Variational, BeforeAMixtureTheVaePaysItsDivergence) {
  expect_terms(objective(*told("vae-gmm", {{"latent_dim", 1}}, kOneCode), "pretrain"), 1, {{"kl_z", kKlFirst, 1}});
}

TEST(Variational, NaturalClusteringPaysBetaForTheLatentsOfTheClassesAlone) {
  const Settings settings = {{"shared_dim", 1}, {"class_dim", 1}, {"beta_class", 3}};
  expect_terms(objective(*told("n-vae", settings, kTwoCodesAndClass), "fit"), 1,
               {{"kl_shared", kKlFirst, 1}, {"kl_class", kKlSecond, 3}, {"label", -std::log(0.1), 1}});
}

TEST(Variational, ALadderPaysTheDivergencesOfEachRungAsTheyComeIn) {
  auto model = told("vlae", {{"latent_dims", {1, 1}}, {"warm_up_steps", 10}}, kTwoRungs);
  const Step ninth = {.epoch = 2, .epochs = 10, .batches = 4};
  const double weight = 1 - std::exp(-0.9);
  expect_terms(objective(*model, "fit", ninth), 1, {{"kl_z_1", kKlFirst, weight}, {"kl_z_2", kKlSecond, weight}});
  {
    at::NoGradGuard no_grad;
    const Tensor expected = at::tensor({kKlFirst, kKlSecond}, at::kFloat).expand({5, 2});
    EXPECT_TRUE(at::allclose(model->information(five_examples()), expected, 0, 1e-5));
  }
  auto of_clusters =
      a_model("vlac", {{"latent_dims", {1, 1}}, {"clusters", {2, 3}}, {"warm_up_steps", 10}, {"start", "none"}});
  for (const Term& term : objective(*of_clusters, "fit", ninth).terms)
    EXPECT_NEAR(term.weight, term.name == "reconstruction" ? 1 : weight, 1e-12) << term.name;
}

TEST(Variational, WhatIsReconstructedIsTheExampleFromItsCode) {
  const Settings both = {{"latent_dim", 1}, {"clusters", 3}};
  const std::map<std::string, std::string> stages = {
      {"vae-gmm", "pretrain"}, {"simple-gm", "start"}, {"self-label", "fit"}};
  for (const auto& [name, stage] : stages) {
    Heads heads = name == "vae-gmm" ? kOneCode : kCodeAndClass;
    heads[name == "vae-gmm" ? "log_variance_head" : "network.log_variance"] = {-10};  // next to none
    auto model = told(name, both, heads);
    const Tensor paid = objective(*model, stage).terms[0].nats;
    at::NoGradGuard no_grad;
    const Tensor x = five_examples(), mean = model->decode(model->infer(x));
    const Tensor nats =
        3 * std::log(2 * std::numbers::pi * kVariance) / 2 + (x - mean).square().sum(1) / (2 * kVariance);
    EXPECT_TRUE(at::allclose(paid, nats, 0, 0.1)) << name << paid << nats;
  }
}

// Terms with a cluster drawn (nearly) hard, or summed over: their weights aside, what they cost is the bound.
TEST(Variational, UnweightedTermsAreOnAverageTheBoundThatTheDensitiesGive) {
  const std::map<std::string, Settings> methods = {
      {"vae", {{"latent_dim", 2}, {"beta", 3}}},
      {"vade", {{"latent_dim", 2}, {"clusters", 3}, {"start", "codes"}, {"beta", 3}, {"posterior_variance", 0.5}}},
      {"simple-gm",
       {{"latent_dim", 2}, {"clusters", 3}, {"start", "none"}, {"temperature", 1e-3}, {"last_temperature", 1e-3}}},
      {"n-vae", {{"shared_dim", 2}, {"class_dim", 2}, {"beta_class", 3}}},
      {"vlae", {{"latent_dims", {2, 1}}}},
      {"vlac", {{"latent_dims", {2, 1}}, {"clusters", {2, 3}}, {"start", "none"}}}};
  constexpr int64_t kDraws = 20'000;
  for (const auto& [name, settings] : methods) {
    auto model = a_model(name, settings);
    at::NoGradGuard no_grad;
    const Tensor x = five_examples().repeat({kDraws, 1});
    const Batch batch = {x, at::arange(x.size(0)), at::full({x.size(0)}, -1, at::kLong)};
    const Latents h = model->sample_posterior(x, Randomness(2).stream("posterior"));
    auto by_example = [](const Tensor& nats) { return nats.view({kDraws, 5}).to(at::kDouble); };
    const Tensor drawn = by_example(model->log_posterior(h, x) - model->log_joint(x, h));
    const Tensor paid =
        by_example(model->objective(batch, model->stages().back(), {.epochs = 10}, Randomness(5)).unweighted());
    const Tensor standard_error = ((drawn.var(0) + paid.var(0)) / kDraws).sqrt();
    EXPECT_LT(((drawn.mean(0) - paid.mean(0)).abs() / standard_error).max().item<double>(), 4)
        << name << drawn.mean(0) << paid.mean(0);
  }
}

double log_normal(double x, double mean, double variance) {
  return -(std::log(2 * std::numbers::pi * variance) + (x - mean) * (x - mean) / variance) / 2;
}

/// Two examples with latents and classes, and what densities make of them.
struct TwoExamples {
  const Tensor x = five_examples().slice(0, 0, 2);
  const std::vector<double> z = {0.7, -1}, c = {2, 0.3};
  const std::vector<int64_t> y = {2, 0};

  static Tensor column(const std::vector<double>& values) { return at::tensor(values, at::kFloat).unsqueeze(1); }

  /// log p(x | h), of the normal about what is decoded.
  double log_likelihood(Model& model, const Latents& h, int64_t i) const {
    const Tensor mean = model.decode(h);
    double sum = 0;
    for (int64_t j = 0; j < 3; ++j)
      sum += log_normal(x[i][j].item<double>(), mean[i][j].item<double>(), kVariance);
    return sum;
  }

  void expect(const std::string& name, Model& model, const Latents& h, const std::vector<double>& log_prior,
              const std::vector<double>& log_posterior) const {
    at::NoGradGuard no_grad;
    for (int64_t i = 0; i < 2; ++i) {
      EXPECT_NEAR(model.log_joint(x, h)[i].item<double>(), log_prior[i] + log_likelihood(model, h, i), 1e-4) << name;
      EXPECT_NEAR(model.log_posterior(h, x)[i].item<double>(), log_posterior[i], 1e-5) << name;
    }
  }
};

TEST(Variational, DensitiesOfACodeAreThoseOfTheirParts) {
  const TwoExamples two;
  auto model = told("vae", {{"latent_dim", 1}}, kOneCode);
  std::vector<double> prior, posterior;
  for (double z : two.z) {
    prior.push_back(log_normal(z, 0, 1));
    posterior.push_back(log_normal(z, 0.5, 0.25));
  }
  two.expect("vae", *model, {{TwoExamples::column(two.z)}, {Tensor()}}, prior, posterior);
}

TEST(Variational, DensitiesOfACodeAndACategoryAreThoseOfTheirParts) {
  const TwoExamples two;
  std::vector<double> prior, posterior;
  for (size_t i = 0; i < 2; ++i) {
    prior.push_back(log_normal(two.z[i], 0, 1) - std::log(3.0));  // -2.2626 of the first
    posterior.push_back(log_normal(two.z[i], 0.5, 0.25) + kLogProbabilities[two.y[i]]);
  }
  for (const char* name : {"simple-gm", "self-label"}) {
    auto model = told(name, {{"clusters", 3}, {"latent_dim", 1}}, kCodeAndClass);
    two.expect(name, *model, {{TwoExamples::column(two.z)}, {at::tensor(two.y)}}, prior, posterior);
  }
}

TEST(Variational, DensitiesOfTwoCodesAndAClassAreThoseOfTheirParts) {
  const TwoExamples two;
  std::vector<double> prior, posterior;
  for (size_t i = 0; i < 2; ++i) {
    prior.push_back(log_normal(two.z[i], 0, 1) + log_normal(two.c[i], 0, 1) - std::log(3.0));
    posterior.push_back(log_normal(two.z[i], 0.5, 0.25) + log_normal(two.c[i], -1, 4) + kLogProbabilities[two.y[i]]);
  }
  for (const char* decoder : {"class-conditioned", "concatenated"}) {
    auto model = told("n-vae", {{"shared_dim", 1}, {"class_dim", 1}, {"decoder", decoder}}, kTwoCodesAndClass);
    const Latents h = {{TwoExamples::column(two.z), TwoExamples::column(two.c)}, {Tensor(), at::tensor(two.y)}};
    two.expect(decoder, *model, h, prior, posterior);
  }
}

}  // namespace
}  // namespace cleave::models
