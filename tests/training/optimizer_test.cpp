#include "cleave/training/optimizer.h"

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "tests/support/raises.h"

namespace cleave::training {
namespace {

using model::constant;

/// Two numbers that start at 0 and learn from the gradients they are given.
class TwoNumbers : public model::Model {
 public:
  TwoNumbers() : Model({}) {
    first = register_parameter("first", at::zeros({1}));
    second = register_parameter("second", at::zeros({1}));
  }
  std::vector<model::Stage> stages() const override { return {}; }

  Tensor first, second;
};

class OnTwoNumbers : public ::testing::Test {
 protected:
  static void give(const Tensor& parameter, double gradient) {
    parameter.mutable_grad() = at::full({1}, gradient, at::kFloat);
  }
  double first() const { return model_.first.item<double>(); }
  double second() const { return model_.second.item<double>(); }

  TwoNumbers model_;
  const std::vector<model::Optimise> two_rates_ = {{"first", constant(0.1)}, {"second", constant(0.02)}};
};

TEST_F(OnTwoNumbers, GradientsAreClippedByTheNormOfAllGroups) {
  Optimizer optimizer(model_, {.optimise = two_rates_});
  auto clipped_to = [&](double largest) {
    give(model_.first, 3);
    give(model_.second, -4);
    EXPECT_NEAR(optimizer.clip_gradients(largest), 5, 1e-6);
    return std::pair(model_.first.grad().item<double>(), model_.second.grad().item<double>());
  };
  EXPECT_EQ(clipped_to(10), std::pair(3.0, -4.0));
  auto [a, b] = clipped_to(2);
  EXPECT_NEAR(a, 1.2, 1e-6);
  EXPECT_NEAR(b, -1.6, 1e-6);
}

// Adam's first move is rate g / (|g| + epsilon): the rate itself, whatever the gradient.
TEST_F(OnTwoNumbers, EachGroupMovesAtItsOwnRate) {
  Optimizer optimizer(model_, {.optimise = two_rates_});
  give(model_.first, 3);
  give(model_.second, -0.5);
  optimizer.step({});
  EXPECT_NEAR(first(), -0.1, 1e-6);
  EXPECT_NEAR(second(), 0.02, 1e-6);
}

TEST_F(OnTwoNumbers, AGradientAsSmallAsEpsilonMovesHalfTheRate) {
  Optimizer optimizer(model_, {.optimise = two_rates_, .epsilon = 1e-4});
  give(model_.first, 1e-4);
  give(model_.second, -1e-4);
  optimizer.step({});
  EXPECT_NEAR(first(), -0.05, 1e-6);
  EXPECT_NEAR(second(), 0.01, 1e-6);
}

// Gradients 1 and -2. m = .9 * .1 - .1 * 2 = -.11, over 1 - .9^2 = .19: -.5789474. v = .999 * .001 + .001 * 4 =
// .004999, over 1 - .999^2 = .001999: 2.5007504, whose root is 1.5813761. The second move is .1 * .5789474 / 1.5813761.
TEST_F(OnTwoNumbers, AdamsSecondMoveIsThatOfItsMoments) {
  Optimizer optimizer(model_, {.optimise = two_rates_});
  give(model_.first, 1);
  optimizer.step({});
  give(model_.first, -2);
  optimizer.step({});
  EXPECT_NEAR(first(), -0.1 + 0.0366103, 1e-6);
}

TEST_F(OnTwoNumbers, RatesAreThoseOfTheStep) {
  const model::Schedule falling = [](const model::Step& at) { return at.epoch == 0 ? 0.1 : 0.01; };
  Optimizer optimizer(model_, {.optimise = {{"first", falling}}});
  give(model_.first, 1);
  optimizer.step({.epoch = 1});
  EXPECT_NEAR(first(), -0.01, 1e-6);
  EXPECT_EQ(optimizer.learning_rate({.epoch = 0}), 0.1);
}

TEST_F(OnTwoNumbers, TheLastPrefixThatFitsDecidesAndWhatNoneFitsStays) {
  auto moved = [&](const std::vector<model::Optimise>& groups) {
    TwoNumbers fresh;
    Optimizer optimizer(fresh, {.optimise = groups});
    give(fresh.first, 1);
    give(fresh.second, 1);
    optimizer.step({});
    return std::pair(fresh.first.item<float>(), fresh.second.item<float>());
  };
  auto [a, b] = moved({{"", constant(0.1)}, {"second", constant(0.02)}});
  EXPECT_NEAR(a, -0.1, 1e-6);
  EXPECT_NEAR(b, -0.02, 1e-6);
  EXPECT_EQ(moved({{"second", constant(0.02)}}).first, 0);
  EXPECT_RAISES(moved({{"third", constant(0.1)}}), ArgumentError, "'third'");
}

TEST_F(OnTwoNumbers, WhatAnObjectiveDoesNotUseStaysAndDoesNotAge) {
  Optimizer optimizer(model_, {.optimise = {{"", constant(0.1)}}});
  give(model_.first, 1);
  optimizer.step({});
  EXPECT_EQ(second(), 0);
  optimizer.zero_gradients();
  give(model_.second, 1);
  optimizer.step({});
  EXPECT_NEAR(second(), -0.1, 1e-6) << "its first move";
  EXPECT_NEAR(first(), -0.1, 1e-6) << "no second one";
}

}  // namespace
}  // namespace cleave::training
