#include "cleave/classical/nearest.h"

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/base/random.h"
#include "tests/support/noise.h"
#include "tests/support/raises.h"
#include "tests/support/reference.h"

namespace cleave::classical {
namespace {

using tests::near;
using tests::noise;
using tests::reference;
using tests::tensor_of;

/// All distances, sorted; equally near rows in their order.
std::tuple<Tensor, Tensor> sorted_distances(const Tensor& queries, const Tensor& x) {
  return (queries.unsqueeze(1) - x.unsqueeze(0)).square().sum(2).sqrt().sort(/*stable=*/true, 1, false);
}

TEST(Nearest, AgreesWithScikitLearn) {
  auto stored = reference("classical");
  Tensor x = tensor_of(stored["x"]);
  auto expected = stored["nearest"];
  Tensor train = x.slice(0, 0, 90, 2), test = x.slice(0, 1, 90, 2);
  Neighbours found = nearest(test, train, 4);
  EXPECT_TRUE(found.indices.equal(tensor_of<int64_t>(expected["indices"])));
  EXPECT_TRUE(near(found.distances, tensor_of(expected["distances"]), 1e-12));
}

TEST(Nearest, AgreesWithSortingAllDistancesOverSeveralBlocksAndTiles) {
  Tensor x = noise({5000, 3}), queries = noise({700, 3}, 2);
  auto [distances, indices] = sorted_distances(queries, x);
  for (auto type : {at::kDouble, at::kFloat}) {
    Neighbours found = nearest(queries.to(type), x.to(type), 6);
    EXPECT_TRUE(near(found.distances, distances.slice(1, 0, 6), type == at::kDouble ? 1e-12 : 1e-5));
    if (type == at::kDouble) {
      EXPECT_TRUE(found.indices.equal(indices.slice(1, 0, 6)));
    }
  }
}

TEST(Nearest, LeavesItselfOutButNotItsDuplicates) {
  Tensor x = noise({600, 4});
  x[5] = x[400];
  Neighbours found = nearest(x, x, 3, /*leave_self_out=*/true);
  EXPECT_FALSE((found.indices == at::arange(600).unsqueeze(1)).any().item<bool>());
  EXPECT_EQ(found.indices[5][0].item<int64_t>(), 400);
  EXPECT_EQ(found.distances[5][0].item<double>(), 0);
  EXPECT_TRUE(found.indices.equal(std::get<1>(sorted_distances(x, x)).slice(1, 1, 4)) ||
              found.indices[400][0].item<int64_t>() == 5);
}

TEST(Nearest, OfEquallyNearRowsTheFirstComesFirst) {
  Tensor x = at::tensor({1.0, -1.0, 1.0, -1.0, 0.5}).unsqueeze(1);
  Neighbours found = nearest(at::zeros({1, 1}, at::kDouble), x, 3);
  EXPECT_TRUE(found.indices.equal(at::tensor({4, 0, 1}, at::kLong).unsqueeze(0)));
}

TEST(Nearest, KeepsDigitsFarFromTheOriginInFloat32) {
  Tensor x = at::arange(100, at::kFloat).unsqueeze(1).repeat({1, 3}) + 1e5;
  Neighbours found = nearest(x, x, 1, true);
  EXPECT_TRUE(near(found.distances, at::full({100, 1}, std::sqrt(3.0)), 1e-6));
}

/// Two groups 10 000 apart, each of three heaps that are 1 apart and 0.05 wide: a product in float32 blurs squared
/// distances within a group by more than 1.
Tensor far_groups(int64_t per_heap) {
  Tensor x = noise({6 * per_heap, 2}) * 0.05;
  for (int64_t heap = 0; heap < 6; ++heap) {
    x.slice(0, heap * per_heap, (heap + 1) * per_heap).select(1, 0) += static_cast<double>(heap / 3 * 10000 + heap % 3);
  }
  return x.to(at::kFloat);
}

TEST(Nearest, TellsNearFromNearerInGroupsFarApart) {
  Tensor x = far_groups(100), wide = x.to(at::kDouble);
  const Tensor expected = std::get<0>(sorted_distances(wide, wide));
  EXPECT_TRUE(near(nearest(x, x, 8).distances, expected.slice(1, 0, 8), 1e-12));
  EXPECT_TRUE(near(nearest(x, x, 7, /*leave_self_out=*/true).distances, expected.slice(1, 1, 8), 1e-12));
  Neighbours others = nearest(x.slice(0, 0, 600, 7).contiguous(), x, 8);
  EXPECT_TRUE(near(others.distances, expected.slice(0, 0, 600, 7).slice(1, 0, 8), 1e-12));
}

TEST(Nearest, TellsTheOneRowThatIsLeftOffTheList) {
  // Ten rows, of which nine are listed; to the query all of them score alike in float32, and the last is the nearest.
  const Tensor x = 1e-5 * at::arange(10, at::kFloat).unsqueeze(1);
  EXPECT_EQ(nearest(at::full({1, 1}, 1e4, at::kFloat), x, 1).indices.item<int64_t>(), 9);
}

TEST(Nearest, RefusesWhatCannotBe) {
  Tensor x = noise({5, 2});
  EXPECT_THROW(nearest(x, x, 5, true), ArgumentError);
  EXPECT_THROW(nearest(x, x, 0), ArgumentError);
  EXPECT_RAISES(nearest(x.slice(0, 0, 1), x.slice(0, 0, 1), 0, true), ArgumentError, "1 examples are too few");
  EXPECT_THROW(nearest(noise({2, 3}), x, 1), ArgumentError);
  EXPECT_THROW(nearest(noise({4, 2}), x, 1, true), ArgumentError);
  Tensor spoilt = x.clone();
  spoilt[1][1] = std::numeric_limits<double>::infinity();
  EXPECT_THROW(nearest(x, spoilt, 1), DataError);
  EXPECT_THROW(nearest(spoilt, x, 1), DataError);
  const Tensor large = x.to(at::kFloat) * 1e20;  // finite, and their squares are not
  EXPECT_THROW(nearest(large, large, 2, true), DataError);
  EXPECT_THROW(nearest(large, x.to(at::kFloat), 2), DataError);
  EXPECT_NO_THROW(nearest(large.to(at::kDouble), large.to(at::kDouble), 2, true));
  EXPECT_THROW(nearest(x, x, 1, false, [] { return true; }), Interrupted);
}

TEST(Vote, TiesGoToTheSmallestLabel) {
  Tensor labels = at::tensor({7, 2, 2, 7, 0, 1}, at::kLong);
  Tensor indices = at::tensor({0, 1, 2, 3, 4, 5, 0, 1}, at::kLong).reshape({2, 4});
  EXPECT_TRUE(vote(indices, labels, 4).equal(at::tensor({2, 0}, at::kLong)));
  EXPECT_TRUE(vote(indices, labels, 1).equal(at::tensor({7, 0}, at::kLong)));
}

}  // namespace
}  // namespace cleave::classical
