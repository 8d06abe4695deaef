// Bounds on the evidence where every importance weight is known.
#include "cleave/experiment/bounds.h"

#include <cmath>

#include <gtest/gtest.h>

#include "cleave/model/model.h"

namespace cleave::experiment {
namespace {

constexpr int64_t kSamples = 7;

/// log p(x, z) - log q(z | x) is the first feature of x, and with `uneven` log(s + 1) more for draw s of an example.
class Weighing : public model::Model {
 public:
  explicit Weighing(bool uneven) : Model({.has_bound = true}), uneven_(uneven) {}
  std::vector<model::Stage> stages() const override { return {}; }
  model::Latents sample_posterior(const Tensor& x, at::Generator) override {
    return {{at::arange(x.size(0)).remainder(kSamples).unsqueeze(1).to(at::kFloat)}, {Tensor()}};
  }
  Tensor log_joint(const Tensor& x, const model::Latents&) override { return x.select(1, 0); }
  Tensor log_posterior(const model::Latents& h, const Tensor& x) override {
    return uneven_ ? -h.z[0].select(1, 0).log1p() : at::zeros({x.size(0)});
  }

 private:
  bool uneven_;
};

/// On five examples of mean 2 whose squared deviations sum to 106.
Bounds bounds_of(bool uneven) {
  data::Dataset dataset{.name = "five", .shape = {2}};
  dataset.examples.dense = at::tensor({-4.0F, 9.0F, 0.0F, 9.0F, 1.0F, 9.0F, 3.0F, 9.0F, 10.0F, 9.0F}).view({5, 2});
  Weighing model(uneven);
  return measure_bounds(model, data::View(dataset, {}), 100, kSamples, Randomness(1));
}

const double kStandardError = std::sqrt(106.0 / 4 / 5);

TEST(Bounds, OfEqualWeightsBothAreTheWeight) {
  const Bounds bounds = bounds_of(false);
  EXPECT_NEAR(bounds.elbo, 2, 1e-6);
  EXPECT_NEAR(bounds.iwae, 2, 1e-6);
  EXPECT_NEAR(bounds.elbo_se, kStandardError, 1e-6);
  EXPECT_NEAR(bounds.iwae_se, kStandardError, 1e-6);
  EXPECT_EQ(bounds.samples, kSamples);
  EXPECT_EQ(bounds.examples, 5);
}

TEST(Bounds, OneIsTheMeanOfLogarithmsTheOtherTheLogarithmOfTheMean) {
  const Bounds bounds = bounds_of(true);  // weights 1 to 7 times the example's
  EXPECT_NEAR(bounds.elbo, 2 + std::log(5040.0) / 7, 1e-6);
  EXPECT_NEAR(bounds.iwae, 2 + std::log(4.0), 1e-6);
  EXPECT_NEAR(bounds.iwae_se, kStandardError, 1e-6);
}

}  // namespace
}  // namespace cleave::experiment
