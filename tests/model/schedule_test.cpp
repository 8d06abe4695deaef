#include "cleave/model/schedule.h"

#include <gtest/gtest.h>

namespace cleave::model {
namespace {

Step at(int64_t epoch, int64_t batch = 0) {
  return {.epoch = epoch, .batch = batch, .epochs = 20, .batches = 10};
}

TEST(Schedule, EpochsAreWorthTheirBatchesWithinBounds) {
  EXPECT_EQ(epochs_worth(2700, 70000, 4, 40), 10);
  EXPECT_EQ(epochs_worth(2700, 1'000'000, 4, 40), 4);
  EXPECT_EQ(epochs_worth(2700, 100, 4, 40), 40);
}

TEST(Schedule, StepDecayFallsEveryNEpochsDownToItsFloor) {
  Schedule rate = step_decay(0.002, 0.9, 10, 0.0019);  // VaDE's, with a floor
  EXPECT_DOUBLE_EQ(rate(at(9)), 0.002);
  EXPECT_DOUBLE_EQ(rate(at(10)), 0.0019);
}

TEST(Schedule, LinearAndCosineMeetTheirEnds) {
  EXPECT_DOUBLE_EQ(linear(3, 1)(at(0)), 3);
  EXPECT_DOUBLE_EQ(linear(3, 1)(at(10)), 2);
  EXPECT_DOUBLE_EQ(saturating(0)(at(0)), 1);
  EXPECT_DOUBLE_EQ(saturating(5)(at(0, 4)), 1 - std::exp(-1.0));
  EXPECT_DOUBLE_EQ(exponential(4, 1)(at(0)), 4);
  EXPECT_NEAR(exponential(4, 1)(at(10)), 2, 1e-12);
  EXPECT_DOUBLE_EQ(cosine(4)(at(0)), 4);
  EXPECT_NEAR(cosine(4)(at(10)), 2, 1e-12);
  EXPECT_LT(cosine(4)(at(19, 9)), 0.01);
}

TEST(Schedule, OneCycleRisesToItsPeakAndFallsToNothing) {
  Schedule rate = one_cycle(1.0);
  EXPECT_NEAR(rate(at(0)), 0.04, 1e-12);
  EXPECT_NEAR(rate(at(6)), 1, 1e-12);
  EXPECT_LT(rate(at(19, 9)), 0.001);
}

TEST(Schedule, WarmUpIsZeroAtFirstAndWholeAfterItsEpochs) {
  Schedule weight = warm_up(constant(2), 4);
  EXPECT_DOUBLE_EQ(weight(at(0)), 0);
  EXPECT_DOUBLE_EQ(weight(at(2)), 1);
  EXPECT_DOUBLE_EQ(weight(at(4)), 2);
  EXPECT_DOUBLE_EQ(warm_up(constant(2), 0)(at(0)), 2);
}

}  // namespace
}  // namespace cleave::model
