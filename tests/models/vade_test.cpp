// VaDE: what its options add to the objective, and clusters begun anew.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/on_blobs.h"

namespace cleave::models {
namespace {

using namespace cleave::model;

class VadeTest : public tests::OnBlobs {
 protected:
  std::shared_ptr<Model> from_codes(const Settings& settings = Settings::object()) {
    Settings all = {{"start", "codes"}, {"epochs", 30}, {"learning_rate", 5e-3}};
    all.update(settings);
    return fitted("vade", all);
  }

  std::vector<Term> terms(Model& model, int64_t step = 0) {
    at::NoGradGuard no_grad;
    const Batch batch = {view_.all(), at::arange(dataset_.size()), {}};
    return model.objective(batch, model.stages().back(), {.epoch = step, .epochs = 100}, Randomness(2)).terms;
  }

  /// With one latent, as it was drawn.
  std::shared_ptr<Model> untrained(const Settings& settings) const {
    const Method& method = find_method("vade");
    Settings all = {{"latent_dim", 1}, {"hidden", {4}}, {"start", "codes"}};
    all.update(settings);
    return method.make(method.resolve(all, view_.describe()), view_.describe(), Randomness(1));
  }

  /// The posterior of every example is Normal(1/2, 1/4), and the prior a mixture of these normals.
  static void tell(Model& model, const std::vector<double>& weights, const std::vector<double>& means,
                   const std::vector<double>& variances) {
    at::NoGradGuard no_grad;
    auto parameters = model.named_parameters();
    parameters["network.head.weight"].zero_();
    parameters["network.head.bias"].fill_(0.5);
    parameters["log_variance_head.bias"].fill_(std::log(0.25));
    parameters["prior_y_logits"].copy_(at::tensor(weights, at::kDouble).log() + 3);  // of any sum
    parameters["prior_z_mean"].copy_(at::tensor(means, at::kDouble).unsqueeze(1));
    parameters["prior_z_log_variance"].copy_(at::tensor(variances, at::kDouble).log().unsqueeze(1));
  }

  /// One component for the first two groups, and one where no code lies.
  static void collapse(Model& model, const Tensor& z, const Tensor& groups) {
    at::NoGradGuard no_grad;
    auto parameters = model.named_parameters();
    Tensor mean = parameters["prior_z_mean"], log_variance = parameters["prior_z_log_variance"];
    parameters["prior_y_logits"].zero_();
    for (int64_t k = 0; k < 2; ++k) {
      const Tensor members = z.index_select(0, (k == 0 ? groups.ne(2) : groups.eq(2)).nonzero().flatten());
      mean[k].copy_(members.mean(0));
      log_variance[k].copy_(members.var(0).log());
    }
    mean[2].fill_(50);
    log_variance[2].fill_(-3);
  }
};

TEST_F(VadeTest, AnEmptyClusterIsBegunAnewOutOfTheFullest) {
  for (double below : {0.05, 0.0}) {
    auto model = from_codes({{"repair_below", below}});
    at::NoGradGuard no_grad;
    collapse(*model, model->embed(view_.all()), dataset_.labels);
    ASSERT_NEAR(accuracy(*model), 2.0 / 3, 0.02);
    recorder_.notes.clear();
    model->end_epoch(model->stages().back(), {}, {view_, Randomness(3), recorder_});
    if (below == 0) {
      EXPECT_NEAR(accuracy(*model), 2.0 / 3, 0.02) << "asked to leave it";
      EXPECT_TRUE(recorder_.notes.empty());
    } else {
      EXPECT_GT(accuracy(*model), 0.95);
      EXPECT_THAT(recorder_.notes,
                  testing::ElementsAre("cluster 2 had 0 of 200 examples and was begun anew, out of cluster 0"));
      EXPECT_NEAR(model->named_parameters()["prior_y_logits"].exp().sum().item<double>(), 2, 1e-3)
          << "both have the weight of the one";
    }
  }
}

TEST_F(VadeTest, ClustersThatAMapHoldsAndOtherStagesAreLeftAsTheyAre) {
  auto held = fitted("vade", {{"epochs", 1}});
  auto model = from_codes();
  for (Model* each : {held.get(), model.get()}) {
    at::NoGradGuard no_grad;
    collapse(*each, each->embed(view_.all()), dataset_.labels);
    const Tensor before = each->named_parameters()["prior_z_mean"].clone();
    each->end_epoch(each == held.get() ? each->stages().back() : each->stages().front(), {},
                    {view_, Randomness(3), recorder_});
    EXPECT_TRUE(at::equal(each->named_parameters()["prior_z_mean"], before));
  }
}

TEST_F(VadeTest, FreeNatsMakeUpForWhatALatentLacks) {
  EXPECT_EQ(terms(*from_codes()).size(), 2u) << "none by default";
  auto model = from_codes({{"bound", "published"}, {"free_nats", 2.0}});
  const auto of = terms(*model);
  ASSERT_EQ(of.back().name, "free_nats");
  at::NoGradGuard no_grad;
  const Tensor carried = model->information(view_.all()).mean(0);
  EXPECT_LT(carried.min().item<double>(), 2) << "or nothing is tested";
  EXPECT_NEAR((of.back().nats.mean() + carried.sum()).item<double>(), carried.clamp_min(2).sum().item<double>(), 1e-3);
}

TEST_F(VadeTest, TheKlTermsComeInOverTheWarmUp) {
  auto model = from_codes({{"beta", 2.0}, {"warm_up_steps", 10.0}, {"bound", "published"}, {"free_nats", 2.0}});
  for (const Term& term : terms(*model))
    EXPECT_NEAR(term.weight, term.name == "reconstruction" ? 1 : 2 * (1 - std::exp(-0.1)), 1e-12) << term.name;
  for (const Term& term : terms(*model, 99))
    EXPECT_NEAR(term.weight, term.name == "reconstruction" ? 1 : 2 * (1 - std::exp(-10.0)), 1e-12) << term.name;
}

// q(z | x) = Normal(1/2, 1/4), told to the networks; the prior is 0.4 Normal(-1, 1) + 0.6 Normal(1, 1/2), from which
// that lies (1/4 + 9/4 - 1 + log 4) / 2 and (1/2 + 1/2 - 1 + log 2) / 2 nats.
TEST_F(VadeTest, TheBoundsPayForEachDrawWhatTheMixtureSaysOfIt) {
  for (const char* bound : {"published", "exact-marginal"}) {
    auto model = untrained({{"clusters", 2}, {"bound", bound}});
    tell(*model, {0.4, 0.6}, {-1, 1}, {1, 0.5});
    const std::vector<Term> paid = terms(*model);
    at::NoGradGuard no_grad;
    const Tensor z =
        model->sample_posterior(view_.all(), Randomness(2).stream("noise")).z[0].to(at::kDouble).squeeze(1);
    const Tensor first = 0.4 * (-(z + 1).square() / 2).exp(), second = 0.6 * std::sqrt(2.0) * (-(z - 1).square()).exp();
    const Tensor r = first / (first + second), s = second / (first + second);
    const Tensor log_q = std::log(2.0) - 2 * (z - 0.5).square();  // like the prior's, times sqrt(2 pi)
    const bool published = std::string(bound) == "published";
    const Tensor kl_z =
        published ? r * (1.5 + std::log(4.0)) / 2 + s * std::log(2.0) / 2 : log_q - (first + second).log();
    EXPECT_EQ(paid[1].name, "kl_z");
    EXPECT_TRUE(at::allclose(paid[1].nats.to(at::kDouble), kl_z, 1e-5, 1e-5)) << bound;
    ASSERT_EQ(paid.size(), published ? 3u : 2u);
    if (!published) continue;
    EXPECT_EQ(paid[2].name, "kl_y");
    EXPECT_TRUE(at::allclose(paid[2].nats.to(at::kDouble), r * (r / 0.4).log() + s * (s / 0.6).log(), 1e-5, 1e-5));
  }
}

TEST_F(VadeTest, WithOneClusterThePublishedBoundPaysTheDivergenceOfTwoNormals) {
  auto model = untrained({{"clusters", 1}, {"bound", "published"}});
  tell(*model, {1}, {-1}, {4});
  const std::vector<Term> paid = terms(*model);
  const double expected = std::log(2 / 0.5) + (0.25 + 2.25) / (2 * 4) - 0.5;  // of Normal(1/2, 1/4) from Normal(-1, 4)
  EXPECT_TRUE(at::allclose(paid[1].nats, at::full_like(paid[1].nats, expected), 0, 1e-5)) << paid[1].nats[0];
  EXPECT_EQ(paid[2].nats.abs().max().item<float>(), 0) << "there is no choice";
}

TEST_F(VadeTest, ThePosteriorBeginsWithTheVarianceAskedFor) {
  auto model = from_codes({{"epochs", 0}, {"posterior_variance", 0.01}});
  at::NoGradGuard no_grad;
  const Tensor x = view_.all(), mean = model->embed(x);
  const Tensor z = model->sample_posterior(x, Randomness(4).stream("noise")).z[0];
  EXPECT_NEAR((z - mean).square().mean().item<double>(), 0.01, 0.002);
}

TEST_F(VadeTest, TheAutoencoderSeesNoiseWhereItIsAskedFor) {
  const Batch batch = {view_.all(), at::arange(dataset_.size()), {}};
  for (double noise : {0.0, 0.5}) {
    auto model = from_codes({{"epochs", 0}, {"pretrain_noise", noise}});
    at::NoGradGuard no_grad;
    auto reconstruction = [&](int64_t seed) {
      return model->objective(batch, model->stages().front(), {}, Randomness(seed)).terms.front().nats;
    };
    EXPECT_EQ(at::equal(reconstruction(5), reconstruction(6)), noise == 0);
  }
}

}  // namespace
}  // namespace cleave::models
