#include "cleave/classical/neighbour_graph.h"

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "tests/support/noise.h"
#include "tests/support/threads.h"

namespace cleave::classical {
namespace {

using tests::on_one_and_three_threads;

Tensor noise(const std::vector<int64_t>& shape, uint64_t seed = 1) {
  return tests::noise(shape, seed, at::kFloat);
}

/// Share of the true neighbours that are found; equally near ones count as found.
double recall(const Tensor& x, const Neighbours& found) {
  const int64_t k = found.indices.size(1);
  Tensor furthest = nearest(x, x, k, true).distances.slice(1, k - 1, k);
  return (found.distances <= furthest * (1 + 1e-9)).to(at::kDouble).mean().item<double>();
}

void expect_sound(const Tensor& x, const Neighbours& found) {
  const int64_t n = x.size(0);
  Tensor others = std::get<0>(found.indices.sort(1));
  EXPECT_FALSE((found.indices == at::arange(n).unsqueeze(1)).any().item<bool>());
  EXPECT_FALSE((others.slice(1, 1) == others.slice(1, 0, -1)).any().item<bool>());
  EXPECT_TRUE(((found.indices >= 0) & (found.indices < n)).all().item<bool>());
  EXPECT_TRUE((found.distances.slice(1, 1) >= found.distances.slice(1, 0, -1)).all().item<bool>());
  Tensor exact = (x.index_select(0, found.indices.flatten()).view({n, -1, x.size(1)}).to(at::kDouble) -
                  x.to(at::kDouble).unsqueeze(1));
  EXPECT_LT((exact.square().sum(2).sqrt() - found.distances).abs().max().item<double>(), 1e-9);
}

TEST(NeighbourGraph, IsExactForSmallSets) {
  Tensor x = noise({700, 5});
  Neighbours found = nearest_others(x, 6, Randomness(1)), exact = nearest(x, x, 6, true);
  EXPECT_TRUE(found.indices.equal(exact.indices));
  EXPECT_TRUE(found.distances.equal(exact.distances));
}

TEST(NeighbourGraph, ApproximateSearchFindsNearlyAll) {
  Tensor x = noise({9000, 4}).mm(noise({4, 20}, 2)) + 0.1 * noise({9000, 20}, 3);
  for (auto type : {at::kFloat, at::kDouble}) {
    Neighbours found = approximate_others(x.to(type), 10, Randomness(1));
    expect_sound(x, found);
    EXPECT_GT(recall(x.to(type), found), 0.98);
  }
}

TEST(NeighbourGraph, SameForAnyNumberOfThreads) {
  Tensor x = noise({6000, 8});
  auto [one, three] = on_one_and_three_threads([&] { return approximate_others(x, 5, Randomness(1)); });
  EXPECT_TRUE(one.indices.equal(three.indices));
  EXPECT_TRUE(one.distances.equal(three.distances));
}

TEST(NeighbourGraph, HeapsOfEqualExamplesAndLonelyOnesAreNoTrouble) {
  Tensor x = noise({3000, 3});
  x.slice(0, 0, 1500).fill_(1);      // one heap
  x.slice(0, 2990, 3000).mul_(1e3);  // far from all
  Neighbours found = approximate_others(x, 8, Randomness(1));
  expect_sound(x, found);
  EXPECT_EQ(found.distances.slice(0, 0, 1500).max().item<double>(), 0);
  Neighbours equal = approximate_others(at::ones({1000, 2}), 3, Randomness(1));
  EXPECT_EQ(equal.distances.max().item<double>(), 0);
}

TEST(NeighbourGraph, AsManyNeighboursAsThereAre) {
  Tensor x = noise({600, 2});
  Neighbours found = approximate_others(x, 599, Randomness(1)), exact = nearest(x, x, 599, true);
  EXPECT_TRUE(found.indices.equal(exact.indices));
  expect_sound(noise({2, 3}), approximate_others(noise({2, 3}), 1, Randomness(1)));
}

TEST(NeighbourGraph, RefusesWhatCannotBe) {
  Tensor x = noise({600, 2});
  EXPECT_THROW(approximate_others(x, 600, Randomness(0)), ArgumentError);
  EXPECT_THROW(approximate_others(x, 0, Randomness(0)), ArgumentError);
  EXPECT_THROW(nearest_others(x.slice(0, 0, 1), 1, Randomness(0)), ArgumentError);
  Tensor spoilt = x.clone();
  spoilt[1][1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(approximate_others(spoilt, 3, Randomness(0)), DataError);
  EXPECT_THROW(nearest_others(spoilt, 3, Randomness(0)), DataError);
  EXPECT_THROW(approximate_others(x, 3, Randomness(0), [] { return true; }), Interrupted);
}

}  // namespace
}  // namespace cleave::classical
