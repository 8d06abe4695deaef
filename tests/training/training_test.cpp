#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/training/checkpoint.h"
#include "cleave/training/train.h"
#include "tests/support/blobs.h"
#include "tests/support/raises.h"
#include "tests/support/recorder.h"
#include "tests/support/temporary_folder.h"

namespace cleave::training {
namespace {

using cleave::tests::blobs;
using cleave::tests::MemoryRecorder;
using cleave::tests::TemporaryFolder;
using ::testing::HasSubstr;

/// Learns the mean of the data; can be told to fail at a step.
class MeanModel : public model::Model {
 public:
  explicit MeanModel(int64_t fail_at = -1) : Model({}), fail_at_(fail_at) {
    mean_ = register_parameter("mean", at::zeros({6}));
  }
  std::vector<model::Stage> stages() const override {
    return {{.name = "fit", .epochs = 20, .optimise = {{"", model::constant(0.05)}}}};
  }
  model::Objective objective(const model::Batch& batch, const model::Stage&, const model::Step& step,
                             const Randomness&) override {
    Tensor nats = (batch.x - mean_).square().sum(-1);
    if (step.index == fail_at_)
      nats = nats / at::where(batch.indices.remainder(50) == 7, at::zeros({1}), at::ones({1}));
    return {{{"distance", nats}}};
  }
  Tensor mean() const { return mean_; }

 private:
  int64_t fail_at_;
  Tensor mean_;
};

class Training : public ::testing::Test {
 protected:
  Training() : dataset_(blobs()), view_(dataset_, {}) {}
  Outcome fit(MeanModel& model, MemoryRecorder& recorder) {
    return train(model, view_, {.batch_size = 32, .precision = "float32"}, Randomness(1), recorder, folder_.path());
  }
  data::Dataset dataset_;
  data::View view_;
  TemporaryFolder folder_;
};

TEST_F(Training, LearnsAndReportsEveryEpoch) {
  MeanModel model;
  MemoryRecorder recorder;
  Outcome outcome = fit(model, recorder);
  EXPECT_TRUE(outcome.finished);
  EXPECT_EQ(outcome.epochs, 20);
  EXPECT_EQ(outcome.steps, 20 * 7);  // 200 examples in batches of 32: the last one is smaller, none is dropped
  ASSERT_EQ(recorder.epochs.size(), 20u);
  EXPECT_EQ(recorder.epochs[0].terms[0].name, "distance");
  EXPECT_LT(recorder.epochs.back().terms[0].nats, recorder.epochs.front().terms[0].nats);
  EXPECT_TRUE(at::allclose(model.mean(), dataset_.examples.dense.mean(0), 0.2, 0.2));
}

TEST_F(Training, ABatchLargerThanTheDataIsAllOfThem) {
  MeanModel model;
  MemoryRecorder recorder;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(train(model, view_, {.batch_size = kMost}, Randomness(1), recorder, folder_.path()).steps, 20);
  EXPECT_EQ(TrainConfig{.batch_size = 100}.batches(200), 2);
  EXPECT_EQ(TrainConfig{.batch_size = 101}.batches(200), 2);
}

TEST_F(Training, EpochMeansOfAResumedRunEqualThoseOfAStraightOne) {
  MeanModel straight, stopped, resumed;
  MemoryRecorder whole, first(3 * 7 + 4), second;
  TemporaryFolder other;
  train(straight, view_, {.batch_size = 32}, Randomness(1), whole, other.path());
  EXPECT_FALSE(fit(stopped, first).finished);
  fit(resumed, second);
  ASSERT_EQ(first.epochs.size() + second.epochs.size(), whole.epochs.size());
  EXPECT_EQ(second.epochs[0].terms[0].nats, whole.epochs[3].terms[0].nats);
}

TEST_F(Training, ANonFiniteTermNamesItselfStepAndRowsAndRollsBack) {
  MeanModel model(/*fail_at=*/30);
  MemoryRecorder recorder;
  try {
    fit(model, recorder);
    FAIL() << "expected NumericalError";
  } catch (const NumericalError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'distance'"));
    EXPECT_THAT(error.what(), HasSubstr("stage 'fit', epoch 4, step 30"));
    EXPECT_THAT(error.what(), HasSubstr("7"));
    EXPECT_THAT(error.what(), HasSubstr("back at step 0"));
  }
  EXPECT_TRUE(model.mean().isfinite().all().item<bool>());
}

TEST_F(Training, ADamagedCheckpointIsPassedOverForTheOneBefore) {
  MeanModel model;
  MemoryRecorder first(10), again(5);
  fit(model, first);
  fit(model, again);
  std::ofstream(folder_.path() / "0000000015" / "model.safetensors", std::ios::app) << "x";
  std::vector<std::string> passed_over;
  auto checkpoint = load_newest_checkpoint(folder_.path(), &passed_over);
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->next.index, 10);
  ASSERT_EQ(passed_over.size(), 1u);
  EXPECT_THAT(passed_over[0], HasSubstr("0000000015"));
}

TEST_F(Training, ACheckpointOfAnotherFormatIsLeftToTheVersionThatWroteIt) {
  MeanModel model;
  MemoryRecorder first(10), again;
  fit(model, first);
  const auto manifest = folder_.path() / "0000000010" / "manifest.json";
  Settings other = Settings::parse(std::ifstream(manifest));
  other["format"] = 999;
  std::ofstream(manifest) << other.dump();
  EXPECT_RAISES(fit(model, again), RunError, "of format 999, and this version of cleave reads format");
  EXPECT_TRUE(std::filesystem::exists(manifest));
}

TEST_F(Training, KeepsOnlyAsManyCheckpointsAsAsked) {
  for (int64_t steps : {3, 4, 5, 6}) {
    MeanModel model;
    MemoryRecorder recorder(steps);
    fit(model, recorder);
  }
  auto count = std::distance(std::filesystem::directory_iterator(folder_.path()), {});
  EXPECT_EQ(count, 2);
}

TEST_F(Training, ADamagedNewerCheckpointCostsNoGoodOne) {
  MeanModel model;
  MemoryRecorder first(9), again(2);
  fit(model, first);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    std::ofstream(entry.path() / "model.safetensors", std::ios::app) << "x";
  EXPECT_FALSE(fit(model, again).finished);  // from the start, and stopped before the damaged one's step
  auto checkpoint = load_newest_checkpoint(folder_.path());
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->next.index, 2);
}

TEST_F(Training, WhatAnEpochEndsWithIsComputedInFloat32) {
  class Recomputes : public MeanModel {
   public:
    void end_epoch(const model::Stage&, const model::Step&, const model::Fitting& fitting) override {
      type = fitting.data.all().mm(at::ones({6, 1})).scalar_type();
    }
    at::ScalarType type = at::kByte;
  } model;
  MemoryRecorder recorder(8);
  train(model, view_, {.batch_size = 32, .precision = "bfloat16"}, Randomness(1), recorder, folder_.path());
  EXPECT_EQ(model.type, at::kFloat);
}

TEST_F(Training, AModelOfAnotherShapeIsRefusedByName) {
  MeanModel model;
  try {
    load_model_tensors(model, {{"mean", at::zeros({5})}});
    FAIL() << "expected CorruptFileError";
  } catch (const CorruptFileError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'mean' has shape 5 where the model needs 6"));
  }
}

}  // namespace
}  // namespace cleave::training
