// What the paper of GM-DGM says must hold, and that its sub-network is the ladder's.
#include <set>

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/model/method.h"
#include "cleave/models/registry.h"
#include "cleave/training/checkpoint.h"

namespace cleave::models {
namespace {

using namespace cleave::model;

const data::Description kPictures = {
    .kind = data::Kind::kImage, .shape = {3, 16, 16}, .width = 768, .size = 100, .unit_interval = true};

std::shared_ptr<Model> a_gm_dgm(Settings settings, const data::Description& data) {
  const Method& method = find_method("gm-dgm");
  auto model = method.make(method.resolve(settings, data), data, Randomness(1));
  model->eval();
  return model;
}

std::map<std::string, Tensor> terms_of(Model& model, const Tensor& x) {
  std::map<std::string, Tensor> terms;
  for (const Term& term : model.objective({x, at::arange(x.size(0)), {}}, model.stages()[0], {}, Randomness(5)).terms)
    terms[term.name] = term.nats;
  return terms;
}

TEST(GmDgm, SummedOverClustersTheBoundIsTheMeanOfThatOfDrawnOnes) {
  auto model = a_gm_dgm({{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}, {"likelihood", "gaussian"}},
                        {.shape = {6}, .width = 6, .size = 100});
  at::NoGradGuard no_grad;
  Tensor x = at::randn({4, 6}, Randomness(1).stream("x")).repeat({20'000, 1});
  auto terms = terms_of(*model, x);
  Tensor summed = terms["reconstruction"] + terms["kl_z"] + terms["kl_y"];
  Tensor drawn = -model->evidence_bound(x, Randomness(2).stream("noise"));
  auto mean = [](const Tensor& nats) { return nats.view({20'000, 4}).mean(0); };
  EXPECT_TRUE(at::allclose(mean(summed), mean(drawn), 0.01, 0)) << mean(summed) << mean(drawn);
}

TEST(GmDgm, ExchangingTwoClustersChangesNothing) {
  auto model =
      a_gm_dgm({{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}}, {.shape = {6}, .width = 6, .size = 100});
  at::NoGradGuard no_grad;
  Tensor x = at::randn({9, 6}, Randomness(1).stream("x"));
  Tensor before = terms_of(*model, x)["kl_z"];
  const Tensor order = at::tensor({1, 0, 2});
  for (auto& parameter : model->named_parameters()) {
    Tensor& value = parameter.value();
    if (parameter.key().find("classes") != std::string::npos || parameter.key().find("prior") != std::string::npos)
      value.copy_(value.index_select(0, order));
    if (parameter.key() == "mean_1.weight" || parameter.key() == "log_variance_1.weight")  // the last 3 inputs see y
      value.slice(1, 16).copy_(value.slice(1, 16).index_select(1, order));
  }
  EXPECT_TRUE(at::allclose(terms_of(*model, x)["kl_z"], before, 1e-5, 1e-6));
}

TEST(GmDgm, BatchNormalisationDoesNotHideWhereAClusterLies) {
  auto model =
      a_gm_dgm({{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}}, {.shape = {6}, .width = 6, .size = 100});
  model->train();
  at::NoGradGuard no_grad;
  const Tensor x = at::randn({50, 6}, Randomness(1).stream("x"));
  const Tensor before = terms_of(*model, x)["reconstruction"];
  model->named_parameters()["mean_1.weight"].select(1, 17) += 3;  // all codes of cluster 1, by the same
  EXPECT_GT((terms_of(*model, x)["reconstruction"] - before).abs().max().item<double>(), 0.01);
}

TEST(GmDgm, TheSubNetworkIsTheLadderWithoutItsOtherLatents) {
  const Settings networks = {{"network", "convolutional"},
                             {"channels", {4, 4, 6, 6, 8, 8}},
                             {"strides", {2, 1, 2, 1, 2, 1}},
                             {"hidden", {16}}};
  Settings of_ladder = networks, of_rung = networks;
  of_ladder.update({{"latent_dims", {2, 2, 3, 2}}, {"clusters", {1, 1, 5, 1}}});
  of_rung.update({{"rungs", 4}, {"rung", 3}, {"latent_dim", 3}, {"clusters", 5}});
  const Method& vlac = find_method("vlac");
  auto ladder = vlac.make(vlac.resolve(of_ladder, kPictures), kPictures, Randomness(1));
  auto rung = a_gm_dgm(of_rung, kPictures);
  auto in_ladder = training::model_tensors(*ladder);
  std::set<std::string> smaller;
  for (const auto& [name, tensor] : training::model_tensors(*rung)) {
    ASSERT_TRUE(in_ladder.contains(name)) << name;
    if (!tensor.sizes().equals(in_ladder.at(name).sizes())) smaller.insert(name);
  }
  EXPECT_EQ(smaller, (std::set<std::string>{"ladder.generator_1.layer_0.weight", "ladder.generator_2.layer_0.weight",
                                            "ladder.generator_3.layer_0.weight"}))
      << "the decoder takes in fewer latents, and all else is the same";
  at::NoGradGuard no_grad;
  Tensor x = at::rand({5, 768}, Randomness(1).stream("x"));
  Latents h = rung->infer(x);
  EXPECT_EQ(rung->embed(x).sizes(), at::IntArrayRef({5, 3}));
  EXPECT_EQ(rung->decode(h).sizes(), x.sizes());
  EXPECT_EQ(terms_of(*rung, x).size(), 3u);
}

TEST(GmDgm, RefusesARungThatIsNotThere) {
  EXPECT_THROW(a_gm_dgm({{"rung", 2}}, kPictures), ArgumentError);
}

}  // namespace
}  // namespace cleave::models
