// What a step shows a model, and in which arithmetic.
#include <gtest/gtest.h>

#include "cleave/training/train.h"
#include "tests/support/blobs.h"
#include "tests/support/recorder.h"
#include "tests/support/temporary_folder.h"

namespace cleave::training {
namespace {

/// Remembers what each of two epochs of one step showed it.
class Watcher : public model::Model {
 public:
  explicit Watcher(bool augment) : Model({}), augment_(augment) { bias_ = register_parameter("bias", at::zeros({1})); }
  std::vector<model::Stage> stages() const override {
    return {{.name = "watch", .epochs = 2, .optimise = {{"", model::constant(0.1)}}, .augment = augment_}};
  }
  model::Objective objective(const model::Batch& batch, const model::Stage&, const model::Step&,
                             const Randomness&) override {
    shown.push_back(at::zeros_like(batch.x).index_copy_(0, batch.indices, batch.x));
    product = batch.x.mm(at::ones({batch.x.size(1), 1})).scalar_type();
    return {{{"distance", (batch.x - bias_).square().sum(1)}}};
  }

  std::vector<Tensor> shown;  ///< of each epoch [N, X], in the order of the data
  at::ScalarType product = at::kByte;

 private:
  bool augment_;
  Tensor bias_;
};

class Steps : public ::testing::Test {
 protected:
  Steps() {
    pictures_.examples.dense.sigmoid_();
    pictures_.shape = {1, 2, 3};
  }
  Watcher watched(const data::View& view, bool augment, const char* precision = "float32") {
    Watcher model(augment);
    tests::MemoryRecorder recorder;
    tests::TemporaryFolder folder;
    TrainConfig config{.batch_size = view.size(), .precision = precision};
    train(model, view, config, Randomness(1), recorder, folder.path());
    return model;
  }
  data::Dataset pictures_ = tests::blobs();
};

TEST_F(Steps, ShowExamplesAugmentedAnewUnlessTheStageSaysOtherwise) {
  pictures_.examples.dense = pictures_.examples.dense[0].repeat({200, 1});  // so that an epoch's order shows nothing
  const data::View view(pictures_, {}, {.shift = 2});
  const std::vector<Tensor> moved = watched(view, true).shown, plain = watched(view, false).shown;
  ASSERT_EQ(moved.size(), 2u);
  for (const Tensor& epoch : moved)
    EXPECT_GT((epoch - view.all()).abs().sum(1).min().item<float>(), 0) << "every picture has moved";
  EXPECT_FALSE(moved[0].sum(0).allclose(moved[1].sum(0))) << "and otherwise than before";
  ASSERT_EQ(plain.size(), 2u);
  for (const Tensor& epoch : plain)
    EXPECT_TRUE(epoch.equal(view.all()));
}

TEST_F(Steps, ShowExamplesBinarisedAnewInEveryEpoch) {
  const data::View view(pictures_, data::Pipeline::fit({"dynamic"}, pictures_, Randomness(1)));
  for (bool augment : {true, false}) {
    const std::vector<Tensor> shown = watched(view, augment).shown;
    ASSERT_EQ(shown.size(), 2u);
    EXPECT_FALSE(shown[0].equal(shown[1]));
    for (int64_t epoch : {0, 1})
      EXPECT_TRUE(shown[epoch].equal(view.rows(at::arange(view.size()), epoch)));
  }
}

TEST_F(Steps, MultiplyInThePrecisionAskedFor) {
  const data::View view(pictures_, {});
  EXPECT_EQ(watched(view, true, "bfloat16").product, at::kBFloat16);
  EXPECT_EQ(watched(view, true, "float32").product, at::kFloat);
}

}  // namespace
}  // namespace cleave::training
