#include <numbers>

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/data/transforms.h"
#include "tests/support/raises.h"

namespace cleave::data {
namespace {

const std::vector<int64_t> kShape = {2, 15, 15};

at::Generator random(uint64_t seed) {
  return Randomness(seed).stream("test");
}

// A soft spot around the middle in the first channel, and half of it in the second.
Tensor spots(int64_t count) {
  const Tensor square = (at::arange(15, at::kFloat) - 7).square();
  const Tensor spot = (-(square.unsqueeze(0) + square.unsqueeze(1)) / 6).exp();
  return at::stack({spot, spot / 2}).view({1, -1}).repeat({count, 1});
}

// Centre of mass [B] of each channel, pixels from the middle. axis 2: down, 3: right.
Tensor centre(const Tensor& x, int64_t channel, int64_t axis) {
  const Tensor picture = x.view({-1, 2, 15, 15}).select(1, channel);
  const Tensor along = picture.sum(axis == 2 ? 2 : 1);
  return (along * (at::arange(15, at::kFloat) - 7)).sum(1) / along.sum(1);
}

TEST(Augmentation, OfNothingChangesNothing) {
  EXPECT_TRUE(Augmentation{}(spots(3), kShape, random(1)).equal(spots(3)));
}

TEST(Augmentation, ShiftMovesTheCentreOfMassUpToItsBoundAndChannelsTogether) {
  const Tensor x = Augmentation{.shift = 2}(spots(200), kShape, random(1));
  for (int64_t axis : {2, 3}) {
    const Tensor moved = centre(x, 0, axis);
    EXPECT_LT(moved.abs().max().item<float>(), 2.05);
    EXPECT_GT(moved.max().item<float>(), 1.5);
    EXPECT_LT(moved.min().item<float>(), -1.5);
    EXPECT_TRUE(moved.allclose(centre(x, 1, axis), 1e-3, 1e-3));
  }
}

TEST(Augmentation, ScaleAndRotationKeepTheMiddle) {
  const Tensor x = Augmentation{.rotation = 30, .scale = 0.2}(spots(100), kShape, random(1));
  EXPECT_LT(centre(x, 0, 2).abs().max().item<float>(), 0.02);
  const Tensor mass = x.slice(1, 0, 225).sum(1) / spots(1).slice(1, 0, 225).sum();
  EXPECT_GT(mass.max().item<float>(), 1.3);  // area grows with the square of the scale
  EXPECT_LT(mass.min().item<float>(), 0.75);
}

TEST(Augmentation, RotationTurnsUpToItsBoundAndKeepsTheMass) {
  const Tensor from_middle = at::arange(15, at::kFloat) - 7, down = from_middle.unsqueeze(1);
  const Tensor bar = (-(from_middle.square() / 12 + down.square() / 2)).exp();  // lies level
  const Tensor x =
      Augmentation{.rotation = 30}(bar.view({1, -1}).repeat({200, 1}), {1, 15, 15}, random(1)).view({-1, 15, 15});
  const Tensor mass = x.sum({1, 2}) / bar.sum();
  EXPECT_LT((mass - 1).abs().max().item<float>(), 0.03);
  const auto moment = [&](const Tensor& of) { return (x * of).sum({1, 2}); };
  const Tensor across = 2 * moment(from_middle * down), along = moment(from_middle.square() - down.square());
  const Tensor angle = at::atan2(across, along) / 2 * (180 / std::numbers::pi);  // of the longer axis
  EXPECT_LT(angle.abs().max().item<float>(), 31);
  EXPECT_GT(angle.max().item<float>(), 28);
  EXPECT_LT(angle.min().item<float>(), -28);
}

TEST(Augmentation, RotationByAQuarterTurnIsExactInTheLimit) {
  // With a largest angle of 90 degrees, some draw lands within a degree of a quarter turn either way.
  Tensor bar = at::zeros({1, 15, 15});
  bar.select(1, 7).fill_(1);
  const Tensor turned = Augmentation{.rotation = 90}(bar.view({1, -1}).repeat({2000, 1}), {1, 15, 15}, random(3));
  const Tensor distance = (turned - bar.transpose(1, 2).reshape({1, -1})).abs().sum(1);
  EXPECT_LT(distance.min().item<float>(), 0.5);
}

TEST(Augmentation, IsZeroOutsideThePicture) {
  const Tensor x = Augmentation{.shift = 5}(at::ones({50, 2 * 15 * 15}), kShape, random(1));
  EXPECT_EQ(x.min().item<float>(), 0);
  EXPECT_LE(x.max().item<float>(), 1.0f);
}

TEST(Augmentation, DoesNotDependOnTheNumberOfThreadsAndFollowsTheGenerator) {
  const Augmentation augmentation{.rotation = 10, .shift = 1, .scale = 0.1};
  const int threads = at::get_num_threads();
  at::set_num_threads(2);
  const Tensor two = augmentation(spots(64), kShape, random(1));
  at::set_num_threads(1);
  const Tensor one = augmentation(spots(64), kShape, random(1));
  at::set_num_threads(threads);
  EXPECT_TRUE(one.equal(two));
  EXPECT_FALSE(one.equal(augmentation(spots(64), kShape, random(2))));
}

TEST(Augmentation, RefusesWhatIsNoImage) {
  EXPECT_RAISES((Augmentation{.shift = 1}(at::zeros({4, 7}), {7}, random(1))), ArgumentError, "for images");
  EXPECT_RAISES((Augmentation{.scale = 1}(spots(1), kShape, random(1))), ArgumentError, "less than 1");
}

}  // namespace
}  // namespace cleave::data
