// The simple generative model: what its start does, and the objective against its parts.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/on_blobs.h"

namespace cleave::models {
namespace {

using namespace cleave::model;

using SimpleGm = tests::OnBlobs;

TEST_F(SimpleGm, StartedFromTheGraphItFindsRoundHeapsOnEverySeed) {
  for (int64_t seed = 0; seed < 5; ++seed)
    EXPECT_GT(accuracy(*fitted("simple-gm", {{"start_epochs", 40}, {"learning_rate", 5e-3}, {"epochs", 5}}, seed)),
              0.95)
        << "seed " << seed;
}

TEST_F(SimpleGm, WithoutThatStartThereIsOneStage) {
  EXPECT_EQ(fitted("simple-gm", {{"start", "none"}, {"epochs", 1}}, 0)->stages().size(), 1);
}

TEST_F(SimpleGm, TheCategoryPaysItsDivergenceFromEvenOnes) {
  auto model = fitted("simple-gm", {{"start", "none"}, {"epochs", 1}}, 0);
  at::NoGradGuard no_grad;
  const Tensor x = view_.all().slice(0, 0, 7), q = model->responsibilities(x, 0);
  const Objective objective =
      model->objective({x, at::arange(7), {}}, model->stages()[0], {.epochs = 1}, Randomness(2));
  const auto clusters = static_cast<double>(q.size(1));
  EXPECT_EQ(objective.terms[1].name, "kl_y");
  EXPECT_TRUE(at::allclose(objective.terms[1].nats, (q * (q * clusters).log()).sum(1), 1e-4, 1e-5));
}

TEST_F(SimpleGm, ItsFeaturesAreTheLayerThatBothPosteriorsAreReadFrom) {
  auto model = fitted("simple-gm", {{"start", "none"}, {"epochs", 1}}, 0);
  at::NoGradGuard no_grad;
  EXPECT_EQ(model->hidden_features(view_.all()).sizes(), at::IntArrayRef({dataset_.size(), 16}));
  EXPECT_FALSE(find_method("pca")
                   .make(find_method("pca").tiny, view_.describe(), Randomness(1))
                   ->hidden_features(view_.all())
                   .defined());
}

}  // namespace
}  // namespace cleave::models
