// What the papers of VLAE and VLAC say must hold.
#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/metrics/accuracy.h"
#include "cleave/models/families/ladder_model.h"
#include "cleave/models/registry.h"
#include "cleave/training/checkpoint.h"
#include "cleave/training/train.h"
#include "tests/support/raises.h"
#include "tests/support/recorder.h"
#include "tests/support/temporary_folder.h"

namespace cleave::models {
namespace {

using namespace cleave::model;
using tests::MemoryRecorder;
using tests::TemporaryFolder;

const data::Description kImages = {
    .kind = data::Kind::kImage, .shape = {1, 28, 28}, .width = 784, .size = 100, .unit_interval = true};
const data::Description kRows = {.shape = {8}, .width = 8, .size = 100};

std::shared_ptr<Model> make(const char* name, const Settings& settings, const data::Description& data) {
  const Method& method = find_method(name);
  return method.make(method.resolve(settings, data), data, Randomness(1));
}

std::vector<Term> terms(Model& model, const Tensor& x) {
  return model.objective({x, at::arange(x.size(0)), {}}, model.stages()[0], {.epochs = 2, .batches = 4}, Randomness(5))
      .terms;
}

TEST(Vlac, WithOneClusterOnEveryRungItIsVlaeTermByTerm) {
  Settings shared = {{"latent_dims", {2, 3, 2}}, {"hidden", {16, 16}}};
  Settings ones = shared;
  ones["clusters"] = {1, 1, 1};
  auto vlae = make("vlae", shared, kRows), vlac = make("vlac", ones, kRows);
  EXPECT_FALSE(vlac->abilities().clusters);
  auto a = training::model_tensors(*vlae), b = training::model_tensors(*vlac);
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, tensor] : a)
    EXPECT_TRUE(tensor.equal(b.at(name))) << name;
  Tensor x = at::randn({9, 8}, Randomness(1).stream("x"));
  auto of_vlae = terms(*vlae, x), of_vlac = terms(*vlac, x);
  ASSERT_EQ(of_vlae.size(), 4u);
  ASSERT_EQ(of_vlac.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(of_vlae[i].name, of_vlac[i].name);
    EXPECT_TRUE(of_vlae[i].nats.equal(of_vlac[i].nats)) << of_vlae[i].name;
    EXPECT_EQ(of_vlae[i].weight, of_vlac[i].weight);
  }
}

TEST(Vlac, EveryRungWithClustersIsAFacetAndAddsATerm) {
  auto model =
      make("vlac", {{"latent_dims", {2, 2, 2}}, {"clusters", {4, 1, 3}}, {"hidden", {16}}, {"start", "none"}}, kRows);
  auto facets = model->facets();
  ASSERT_EQ(facets.size(), 2u);
  EXPECT_EQ(facets[1].layer, 2);
  EXPECT_EQ(facets[1].clusters, 3);
  std::vector<std::string> names;
  for (const Term& term : terms(*model, at::randn({9, 8})))
    names.push_back(term.name);
  EXPECT_EQ(names, (std::vector<std::string>{"reconstruction", "kl_z_1", "kl_z_2", "kl_z_3", "kl_y_1", "kl_y_3"}));
  Latents h = model->sample_prior(20, 2, 1, Randomness(1).stream("prior"));
  EXPECT_TRUE(h.y[2].eq(2).all().item<bool>());
  EXPECT_LT(h.y[0].min().item<int64_t>(), h.y[0].max().item<int64_t>()) << "the other rung's clusters are drawn";
}

TEST(Vlac, ConvolutionsComeBackToTheSizeOfTheImages) {
  for (auto shape : {std::vector<int64_t>{1, 28, 28}, {3, 32, 32}, {1, 15, 13}}) {
    data::Description images = kImages;
    images.shape = shape;
    images.width = shape[0] * shape[1] * shape[2];
    auto model = make("vlac",
                      {{"network", "convolutional"},
                       {"latent_dims", {2, 2, 3}},
                       {"clusters", {1, 4, 5}},
                       {"channels", {4, 4, 6, 6}},
                       {"strides", {2, 1, 2, 1}},
                       {"hidden", {16}}},
                      images);
    Tensor x = at::rand({5, images.width}, Randomness(1).stream("x"));
    model->eval();
    at::NoGradGuard no_grad;
    EXPECT_EQ(model->decode(model->infer(x)).sizes(), x.sizes());
    EXPECT_EQ(model->responsibilities(x, 1).sizes(), at::IntArrayRef({5, 5}));
    EXPECT_EQ(model->information(x).sizes(), at::IntArrayRef({5, 7}));
  }
}

TEST(Vlac, RefusesALadderThatCannotBe) {
  EXPECT_THROW(make("vlac", {{"latent_dims", {2}}, {"clusters", {3, 2}}}, kRows), ArgumentError);
  EXPECT_THROW(make("vlac", {{"latent_dims", {2, 2}}, {"clusters", {3}}}, kRows), ArgumentError);
  EXPECT_THROW(make("vlae", {{"network", "convolutional"}}, kRows), ArgumentError);
  EXPECT_THROW(make("vlae", {{"channels", {4, 4}}, {"strides", {2}}, {"network", "convolutional"}}, kImages),
               ArgumentError);
}

TEST(Vlac, RefusesAStartThatEndsBeforeEveryRungHasJoined) {
  EXPECT_RAISES(make("vlac", {{"pretrain_epochs", 1}}, kRows), ArgumentError,
                "--pretrain-epochs: 1, but the last of 3 rungs joins after 1 by --join-epochs 0.5");
  EXPECT_NO_THROW(make("vlac", {{"pretrain_epochs", 1}, {"join_epochs", 0.4}}, kRows));
  EXPECT_NO_THROW(make("vlac", {{"pretrain_epochs", 1}, {"start", "none"}}, kRows));
}

TEST(Vlac, ABatchOfOneExampleLeavesTheVariancesOfBatchesAsTheyWere) {
  auto model = make("vlae", {{"latent_dims", {2, 2}}, {"hidden", {16}}}, kRows);
  for (const Term& term : terms(*model, at::randn({1, 8}, Randomness(1).stream("x"))))
    EXPECT_TRUE(term.nats.isfinite().all().item<bool>()) << term.name;
  for (const auto& [name, tensor] : training::model_tensors(*model))
    EXPECT_TRUE(tensor.isfinite().all().item<bool>()) << name;
}

TEST(Vlac, ARungThatHasNotJoinedDrawsFromItsPriorAndPaysNothing) {
  auto model =
      make("vlac", {{"latent_dims", {2, 2}}, {"clusters", {1, 3}}, {"hidden", {16}}, {"join_epochs", 1.5}}, kRows);
  const Tensor x = at::randn({9, 8}, Randomness(1).stream("x"));
  auto divergences = [&](int64_t epoch) {
    const Step step = {.epoch = epoch, .epochs = 10, .batches = 4};
    auto terms = model->objective({x, at::arange(9), {}}, model->stages()[0], step, Randomness(5)).terms;
    return std::pair(terms[1].nats.sum().item<double>(), terms[2].nats.sum().item<double>());
  };
  EXPECT_GT(divergences(0).first, 0);
  EXPECT_EQ(divergences(1).second, 0);
  EXPECT_GT(divergences(2).second, 0);
}

/// How many of three round groups are found, in one of two places for the mixture.
double found_groups(const Settings& settings, size_t rung) {
  constexpr int64_t kSize = 900;
  at::Generator generator = Randomness(2).stream("data");
  data::Dataset dataset;
  dataset.labels = at::arange(kSize) % 3;
  dataset.examples.dense = 4 * at::one_hot(dataset.labels, 8).to(at::kFloat) + at::randn({kSize, 8}, generator);
  dataset.shape = {8};
  data::View view(dataset, data::Pipeline::fit({"standardise"}, dataset, Randomness(1)));
  Settings all = {{"latent_dims", {2, 2}}, {"hidden", {64}}, {"learning_rate", 3e-3}, {"warm_up_steps", 100}};
  all.update(settings);
  auto model = make("vlac", all, view.describe());
  TemporaryFolder folder;
  MemoryRecorder recorder;
  training::train(*model, view, {.batch_size = 100, .precision = "float32"}, Randomness(1), recorder, folder.path());
  model->eval();
  at::NoGradGuard no_grad;
  Tensor clusters = model->infer(view.all()).y[rung];
  return metrics::accuracy_hungarian(metrics::cross_tabulate(clusters, dataset.labels));
}

TEST(Vlac, FindsSeparateGroupsFromTheObjectiveAlone) {
  EXPECT_GT(found_groups({{"start", "none"}, {"clusters", {1, 3}}, {"epochs", 60}}, 1), 0.9);
}

TEST(Vlac, FindsSeparateGroupsFromAMixture) {
  EXPECT_GT(
      found_groups(
          {{"clusters", {3, 1}}, {"join_epochs", 15}, {"pretrain_epochs", 40}, {"start_epochs", 20}, {"epochs", 5}}, 0),
      0.9);
}

}  // namespace
}  // namespace cleave::models
