// The simple generative model: what its start does, and the objective against its parts.
#include <cmath>

#include <gtest/gtest.h>

#include "cleave/metrics/accuracy.h"
#include "cleave/model/method.h"
#include "cleave/models/registry.h"
#include "cleave/training/train.h"
#include "tests/support/blobs.h"
#include "tests/support/recorder.h"
#include "tests/support/temporary_folder.h"

namespace cleave::models {
namespace {

using namespace cleave::model;

class OnBlobs : public ::testing::Test {
 protected:
  std::shared_ptr<Model> fitted(Settings settings, int64_t seed) {
    const Method& method = find_method("simple-gm");
    Settings all = method.tiny;
    all.update(settings);
    auto model = method.make(method.resolve(all, view_.describe()), view_.describe(), Randomness(seed));
    tests::TemporaryFolder folder;
    training::TrainConfig config{.batch_size = 64, .precision = "float32"};
    training::train(*model, view_, config, Randomness(seed), recorder_, folder.path());
    model->eval();
    return model;
  }

  double accuracy(Model& model) {
    at::NoGradGuard no_grad;
    return metrics::accuracy_hungarian(metrics::cross_tabulate(model.infer(view_.all()).y[0], dataset_.labels));
  }

  data::Dataset dataset_ = tests::blobs();
  data::View view_{dataset_, data::Pipeline::fit({"standardise"}, dataset_, Randomness(1))};
  tests::MemoryRecorder recorder_;
};

TEST_F(OnBlobs, StartedFromTheGraphItFindsRoundHeapsOnEverySeed) {
  for (int64_t seed = 0; seed < 5; ++seed)
    EXPECT_GT(accuracy(*fitted({{"start_epochs", 40}, {"learning_rate", 5e-3}, {"epochs", 5}}, seed)), 0.95)
        << "seed " << seed;
}

TEST_F(OnBlobs, WithoutThatStartThereIsOneStage) {
  EXPECT_EQ(fitted({{"start", "none"}, {"epochs", 1}}, 0)->stages().size(), 1);
}

TEST_F(OnBlobs, TheCategoryPaysItsDivergenceFromEvenOnes) {
  auto model = fitted({{"start", "none"}, {"epochs", 1}}, 0);
  at::NoGradGuard no_grad;
  const Tensor x = view_.all().slice(0, 0, 7), q = model->responsibilities(x, 0);
  const Objective objective =
      model->objective({x, at::arange(7), {}}, model->stages()[0], {.epochs = 1}, Randomness(2));
  const auto clusters = static_cast<double>(q.size(1));
  EXPECT_EQ(objective.terms[1].name, "kl_y");
  EXPECT_TRUE(at::allclose(objective.terms[1].nats, (q * (q * clusters).log()).sum(1), 1e-4, 1e-5));
}

TEST_F(OnBlobs, ItsFeaturesAreTheLayerThatBothPosteriorsAreReadFrom) {
  auto model = fitted({{"start", "none"}, {"epochs", 1}}, 0);
  at::NoGradGuard no_grad;
  EXPECT_EQ(model->hidden_features(view_.all()).sizes(), at::IntArrayRef({dataset_.size(), 16}));
  EXPECT_FALSE(find_method("pca")
                   .make(find_method("pca").tiny, view_.describe(), Randomness(1))
                   ->hidden_features(view_.all())
                   .defined());
}

}  // namespace
}  // namespace cleave::models
