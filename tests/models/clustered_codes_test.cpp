// A code, then a clusterer on it.
#include <gtest/gtest.h>

#include "cleave/classical/kmeans.h"
#include "cleave/classical/pca.h"
#include "tests/support/on_blobs.h"

namespace cleave::models {
namespace {

using namespace cleave::model;

using ClusteredCodesTest = tests::OnBlobs;

TEST_F(ClusteredCodesTest, EveryPairFindsGroupsThatLieApart) {
  for (const char* name : {"ae-kmeans", "ae-gmm", "vae-gmm"})
    EXPECT_GT(accuracy(*fitted(name, {{"epochs", 60}, {"learning_rate", 5e-3}})), 0.95) << name;
  EXPECT_GT(accuracy(*fitted("pca-kmeans", Settings::object())), 0.95);
}

TEST_F(ClusteredCodesTest, ThePosteriorThatAVaeIsFittedWithIsNotWhatTheMixtureSees) {
  auto model = fitted("vae-gmm", {{"epochs", 20}});
  at::NoGradGuard no_grad;
  const Tensor z = model->embed(view_.all());
  EXPECT_TRUE(at::equal(z, model->embed(view_.all()))) << "the means, not draws";
  EXPECT_LT(z.mean(0).abs().max().item<double>(), 1e-3);
  EXPECT_NEAR(z.square().mean().item<double>(), 1, 1e-2) << "standardised";
}

TEST_F(ClusteredCodesTest, PrincipalComponentsAreClusteredAsKmeansDoesIt) {
  auto model = fitted("pca-kmeans", {{"pca_dim", 2}, {"restarts", 1}});
  at::NoGradGuard no_grad;
  const Tensor x = view_.all(), z = model->embed(x);
  EXPECT_TRUE(at::allclose(z, classical::fit_pca(x, 2).transform(x), 1e-4, 1e-5));
  const auto alone = classical::kmeans(z, {.clusters = 3, .restarts = 1}, Randomness(0));
  EXPECT_EQ(accuracy(*model), accuracy(alone.assignment.labels));
  EXPECT_LE((model->decode({{z}, {}}) - x).square().sum().item<double>(),
            (x - x.mean(0)).square().sum().item<double>());
}

}  // namespace
}  // namespace cleave::models
