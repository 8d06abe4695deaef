#include "cleave/classical/deformation.h"

#include <cmath>

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "tests/support/noise.h"
#include "tests/support/threads.h"

namespace cleave::classical {
namespace {

using tests::on_one_and_three_threads;

Tensor noise(const std::vector<int64_t>& shape, uint64_t seed = 1) {
  return tests::noise(shape, seed, at::kFloat);
}

/// The squared distances of images [N, C, H, W] from each to each, [N, N], by convolutions and whole tensors, with
/// gradients rounded to a multiple of `step`, 0 for not rounded.
Tensor slow_squares(const Tensor& images, int64_t range, double step) {
  const int64_t n = images.size(0), c = images.size(1), h = images.size(2), w = images.size(3);
  const Tensor across = at::tensor({-1., 0., 1., -2., 0., 2., -1., 0., 1.}).view({3, 3}) / 4;
  const Tensor filters = at::stack({across, across.t()}).unsqueeze(1).to(at::kDouble);
  Tensor g = at::conv2d(images.to(at::kDouble).reshape({n * c, 1, h, w}), filters, {}, 1, 1).view({n, 2 * c, h, w});
  if (step > 0) g = (g / step + 0.5).floor() * step;
  const int64_t margin = range + 1;
  const Tensor wide = at::constant_pad_nd(g, {margin, margin, margin, margin});
  auto moved = [&](int64_t down, int64_t right, int64_t border) {  // g, with a border, as it stands after a shift
    return wide.slice(2, margin - border + down, margin + border + h + down)
        .slice(3, margin - border + right, margin + border + w + right);
  };
  Tensor least;
  for (int64_t down = -range; down <= range; ++down) {
    for (int64_t right = -range; right <= range; ++right) {
      const Tensor square = (moved(0, 0, 1).unsqueeze(1) - moved(down, right, 1).unsqueeze(0)).square().sum(2);
      const Tensor windows = at::avg_pool2d(square, 3, 1) * 9;  // [N, N, H, W]
      least = least.defined() ? at::minimum(least, windows) : windows;
    }
  }
  return least.sum({2, 3});
}

Tensor all_others(int64_t n) {
  return (at::arange(1, n).unsqueeze(0) + at::arange(n).unsqueeze(1)) % n;
}

struct Case {
  ImageShape shape;
  int64_t range;
};

class DeformedDistance : public ::testing::TestWithParam<Case> {};

TEST_P(DeformedDistance, OrdersCandidatesAsWholeTensorsDo) {
  const auto [shape, range] = GetParam();
  const int64_t n = 12, k = 5;
  const Tensor images = noise({n, shape.channels, shape.height, shape.width}).sigmoid();
  const Tensor candidates = all_others(n);
  const Tensor x = images.reshape({n, -1});
  const Neighbours found = nearest_deformed(x, x, {shape, range}, candidates, k);
  const double span = images.max().item<double>();
  const double channels = static_cast<double>(shape.channels);
  const double steps = (std::sqrt(65535 / (9 * channels)) - std::sqrt(2.)) / std::sqrt(4.5);
  Tensor squares = slow_squares(images, range, span / steps);
  squares.fill_diagonal_(std::numeric_limits<double>::infinity());
  auto [least, index] = squares.topk(k, 1, /*largest=*/false);
  EXPECT_TRUE(found.indices.equal(index));
  EXPECT_TRUE(at::allclose(found.distances, least.sqrt(), 1e-3, 0));
  const Tensor exact = slow_squares(images, range, 0).gather(1, index).sqrt();
  EXPECT_TRUE(at::allclose(found.distances, exact, 0.05, 0.05));
}

INSTANTIATE_TEST_SUITE_P(Shapes, DeformedDistance,
                         ::testing::Values(Case{{1, 28, 28}, 1}, Case{{1, 8, 8}, 0}, Case{{3, 7, 17}, 2},
                                           Case{{2, 2, 3}, 1}, Case{{1, 5, 16}, 3}));

TEST(DeformedDistance, AShiftWithinTheRangeIsNoDistance) {
  Tensor images = at::zeros({3, 1, 12, 12});
  images[0].slice(1, 4, 8).slice(2, 4, 8) = noise({1, 4, 4});
  images[1] = images[0].roll({1, -1}, {1, 2});
  images[2] = images[0].roll(3, 2);
  const Tensor x = images.reshape({3, -1});
  const Neighbours found = nearest_deformed(x, x, {{1, 12, 12}, 1}, all_others(3), 2);
  EXPECT_EQ(found.indices[0][0].item<int64_t>(), 1);
  EXPECT_LT(found.distances[0][0].item<double>(), 1e-6);
  EXPECT_GT(found.distances[0][1].item<double>(), 0.1);
}

TEST(DeformedDistance, TheGreatestWindowFitsItsSixteenBits) {
  // Corners of steps from 0 to 1 are the longest gradients, (3, 3) / 4; opposite ones are the furthest apart. All
  // binary patterns of 3 x 3 pixels, each repeated so that a window may hold nine of one against nine of another.
  std::vector<Tensor> images;
  for (int pattern = 0; pattern < 512; ++pattern) {
    Tensor tile = at::zeros({3, 3});
    for (int bit = 0; bit < 9; ++bit)
      tile[bit / 3][bit % 3] = pattern >> bit & 1;
    images.push_back(tile.repeat({2, 2}).flatten());
  }
  const Tensor x = at::stack(images), candidates = all_others(512);
  const Neighbours found = nearest_deformed(x, x, {{1, 6, 6}, 0}, candidates, 511);
  Tensor squares = slow_squares(x.view({512, 1, 6, 6}), 0, 0);
  const Tensor exact = squares.gather(1, found.indices).sqrt();
  EXPECT_TRUE(at::allclose(found.distances, exact, 0.02, 0.05));
  EXPECT_GT(exact.max().item<double>(), 10);
}

TEST(DeformedDistance, ConstantImagesAreNoDistanceApart) {
  const Tensor x = at::zeros({4, 64});
  const Neighbours found = nearest_deformed(x, x, {{1, 8, 8}, 1}, all_others(4), 2);
  EXPECT_EQ(found.distances.max().item<double>(), 0);
}

TEST(DeformedDistance, IsTheSameForAnyNumberOfThreads) {
  const Tensor x = noise({300, 64}), candidates = all_others(300).slice(1, 0, 40).contiguous();
  auto [one, three] = on_one_and_three_threads([&] {
    return nearest_deformed(x, x, {{1, 8, 8}, 1}, candidates, 10).distances;
  });
  EXPECT_TRUE(one.equal(three));
}

TEST(DeformedDistance, NewImagesAreComparedAsThoseAtHand) {
  const Tensor x = noise({20, 64}).sigmoid(), candidates = all_others(20);
  const Neighbours all = nearest_deformed(x, x, {{1, 8, 8}, 1}, candidates, 3);
  const double span = x.max().item<double>();
  for (int64_t i = 0; i < 20; ++i) {
    const Tensor one = x.slice(0, i, i + 1).clone(), offered = candidates.slice(0, i, i + 1);
    const Neighbours found = nearest_deformed(one, x, {{1, 8, 8}, 1, span}, offered, 3);
    EXPECT_TRUE(found.indices.equal(all.indices.slice(0, i, i + 1)));
    EXPECT_TRUE(found.distances.equal(all.distances.slice(0, i, i + 1)));
  }
}

TEST(DeformedDistance, RefusesWhatDoesNotFitAndStopsWhenAsked) {
  const Tensor x = noise({4, 64}), others = all_others(4), broken = at::full({4, 64}, NAN);
  const Deformation fits = {{1, 8, 8}, 1};
  EXPECT_THROW(nearest_deformed(x, x, {{1, 8, 7}, 1}, others, 2), ArgumentError);
  EXPECT_THROW(nearest_deformed(noise({4, 56}), x, fits, others, 2), ArgumentError);
  EXPECT_THROW(nearest_deformed(x, x, fits, others, 4), ArgumentError);
  EXPECT_THROW(nearest_deformed(x, x, {{1, 8, 8}, -1}, others, 2), ArgumentError);
  EXPECT_THROW(nearest_deformed(x, x, fits, others + 1, 2), ArgumentError);
  EXPECT_THROW(nearest_deformed(x, x, {{1, 8, 8}, 1, 0.1}, others, 2), ArgumentError);
  EXPECT_THROW(nearest_deformed(broken, broken, fits, others, 2), DataError);
  EXPECT_THROW(nearest_deformed(x, broken, fits, others, 2), DataError);
  EXPECT_THROW(nearest_deformed(x, x, fits, others, 2, [] { return true; }), Interrupted);
}

}  // namespace
}  // namespace cleave::classical
