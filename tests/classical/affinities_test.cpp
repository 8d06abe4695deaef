#include "cleave/classical/affinities.h"

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/classical/nearest.h"
#include "tests/support/noise.h"
#include "tests/support/raises.h"
#include "tests/support/reference.h"
#include "tests/support/threads.h"

namespace cleave::classical {
namespace {

using tests::near;
using tests::noise;
using tests::on_one_and_three_threads;
using tests::reference;
using tests::tensor_of;

/// The matrix with all its zeros.
Tensor dense(const SparseRows& p) {
  Tensor counts = p.starts.slice(0, 1) - p.starts.slice(0, 0, -1);
  Tensor rows = at::arange(p.rows()).repeat_interleave(counts);
  Tensor result = at::zeros({p.rows(), p.rows()}, p.values.options());
  result.index_put_({rows, p.columns.to(at::kLong)}, p.values);
  return result;
}

TEST(Conditionals, AgreeWithTheWorkedExample) {
  Conditionals row = conditionals(at::tensor({1.0, 2.0, 4.0, 8.0}).unsqueeze(0), 2);
  EXPECT_NEAR(row.precisions[0].item<double>(), 1.055710106, 1e-9);
  EXPECT_TRUE(near(row.probabilities, at::tensor({0.719069, 0.250197, 0.030290, 0.000444}).unsqueeze(0), 5e-7));
}

TEST(Conditionals, HaveTheEntropyThatIsAskedForAtAnyScale) {
  Tensor squares = noise({200, 40}).square();
  for (double scale : {1e-8, 1.0, 1e12}) {
    for (double perplexity : {1.5, 10.0, 39.0}) {
      Conditionals rows = conditionals(squares * scale, perplexity);
      Tensor p = rows.probabilities;
      EXPECT_TRUE(near(p.sum(1), at::ones({200}), 1e-12));
      Tensor entropies = -at::xlogy(p, p).sum(1);
      EXPECT_TRUE(near(entropies, at::full({200}, std::log(perplexity), at::kDouble), 1e-9))
          << scale << " " << perplexity;
      EXPECT_TRUE(near(rows.entropies, entropies, 1e-9));
    }
  }
}

TEST(Conditionals, DuplicatesBeyondThePerplexityShareTheRow) {
  Tensor squares = at::cat({at::zeros({2, 6}), at::ones({2, 6})}, 1).to(at::kDouble);
  Tensor p = conditionals(squares, 3).probabilities;
  EXPECT_TRUE(near(p.slice(1, 0, 6), at::full({2, 6}, 1.0 / 6, at::kDouble), 1e-9));
  EXPECT_TRUE(
      near(conditionals(at::zeros({1, 5}, at::kDouble), 2).probabilities, at::full({1, 5}, 0.2, at::kDouble), 1e-15));
}

TEST(Conditionals, RefuseWhatCannotBe) {
  EXPECT_THROW(conditionals(at::ones({2, 3}, at::kDouble), 3), ArgumentError);
  EXPECT_THROW(conditionals(at::ones({2, 3}, at::kDouble), 0.5), ArgumentError);
  EXPECT_THROW(conditionals(at::full({2, 3}, INFINITY, at::kDouble), 2), DataError);
}

TEST(JointProbabilities, AreTheMeanOfBothDirections) {
  Tensor indices = at::tensor({1, 2, 0, 3, 3, 0, 2, 1}, at::kLong).view({4, 2});
  Tensor p = at::tensor({0.7, 0.3, 0.6, 0.4, 0.9, 0.1, 0.5, 0.5}).to(at::kDouble).view({4, 2});
  Tensor one_way = at::zeros({4, 4}, at::kDouble).scatter(1, indices, p);
  SparseRows joint = joint_probabilities(indices, p, at::kDouble);
  EXPECT_TRUE(near(dense(joint), (one_way + one_way.t()) / 8, 1e-16));
  const auto* starts = joint.starts.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < 4; ++i) {
    Tensor row = joint.columns.slice(0, starts[i], starts[i + 1]);
    EXPECT_TRUE((row.diff() > 0).all().item<bool>()) << "row " << i << " is not by rising column";
  }
}

TEST(Affinities, AgreeWithOpenTsne) {
  auto stored = reference("neighbour_maps");
  Affinities p = affinities(tensor_of(stored["x"]), stored["perplexity"].get<double>(), Reach::kNearest, Randomness(1));
  EXPECT_NEAR(p.entropy, stored["joint_entropy"].get<double>(), 1e-5);
  Tensor joint = dense(p.joint);
  EXPECT_NEAR(joint.sum().item<double>(), 1, 1e-12);
  auto rows = stored["joint_rows"];
  for (size_t r = 0; r < rows["index"].size(); ++r) {
    Tensor row = joint[rows["index"][r].get<int64_t>()], expected = at::zeros_like(row);
    for (const auto& entry : rows["values"][r])
      expected[entry[0].get<int64_t>()] = entry[1].get<double>();
    EXPECT_TRUE(near(row, expected, 1e-8));  // its search stops at 1e-5 nats
  }
}

TEST(Affinities, OfNearestAndOfAllOthersDifferLittle) {
  Tensor x = noise({300, 5});
  Tensor near_only = dense(affinities(x, 15, Reach::kNearest, Randomness(1)).joint);
  Affinities all = affinities(x, 15, Reach::kAll, Randomness(1));
  EXPECT_EQ(all.joint.values.size(0), 300 * 299);
  EXPECT_LT((near_only - dense(all.joint)).abs().sum().item<double>(), 0.08);
}

TEST(Affinities, AreTheSameBitsForAnyNumberOfThreads) {
  Tensor x = noise({700, 6}).to(at::kFloat);
  auto [one, three] = on_one_and_three_threads([&] { return affinities(x, 10, Reach::kNearest, Randomness(1)); });
  EXPECT_TRUE(one.joint.values.equal(three.joint.values));
  EXPECT_TRUE(one.joint.columns.equal(three.joint.columns));
  EXPECT_EQ(one.entropy, three.entropy);
}

TEST(Affinities, OfDuplicatesConstantColumnsAndFourExamplesExist) {
  for (const Tensor& x : {noise({10, 3}).repeat({12, 1}), at::ones({50, 2}, at::kDouble), noise({4, 1})}) {
    double perplexity = std::min(5.0, largest_perplexity(x.size(0)));
    Affinities p = affinities(x, perplexity, Reach::kNearest, Randomness(1));
    EXPECT_NEAR(p.joint.values.sum().item<double>(), 1, 1e-9);
    EXPECT_TRUE(std::isfinite(p.entropy));
  }
}

TEST(Affinities, SayWhatIsWrong) {
  EXPECT_RAISES(affinities(noise({50, 2}), 30, Reach::kNearest, Randomness(1)), ArgumentError, "give 1 to 16.33");
  for (int64_t n : {1, 2, 3})
    EXPECT_RAISES(affinities(noise({n, 2}), 1, Reach::kAll, Randomness(1)), ArgumentError, "at least 4");
  Tensor spoilt = noise({50, 2});
  spoilt[3][1] = std::numeric_limits<double>::infinity();
  EXPECT_RAISES(affinities(spoilt, 5, Reach::kAll, Randomness(1)), DataError, "NaN or infinite");
}

TEST(SparseRows, ReorderedItIsTheSameMatrixAndNeighboursAreTogether) {
  constexpr int64_t kGroup = 50, kGroups = 4, kSize = kGroup * kGroups;
  Tensor group = at::arange(kSize) % kGroups;  // rows of a group lie far apart
  Tensor weights = at::rand({kSize, kSize}, Randomness(1).stream("weights"), at::kDouble) + 1;
  weights = weights * group.unsqueeze(0).eq(group.unsqueeze(1));
  weights = (weights + weights.t()).fill_diagonal_(0);
  weights[0][1] = weights[1][0] = 1e-3;  // two groups touch
  auto [values, indices] = weights.topk(kGroup, 1);
  SparseRows matrix = symmetrised(indices, values, at::kDouble, [](double a, double b) { return std::max(a, b); });
  Tensor order = neighbourly_order(matrix);
  EXPECT_TRUE(std::get<0>(order.sort()).equal(at::arange(kSize)));
  Tensor taken = group.index_select(0, order);
  EXPECT_EQ((taken.slice(0, 1) != taken.slice(0, 0, -1)).sum().item<int64_t>(), kGroups - 1);

  SparseRows other = reordered(matrix, order);
  auto dense = [](const SparseRows& rows) {
    return at::sparse_csr_tensor(rows.starts, rows.columns.to(at::kLong), rows.values, {kSize, kSize}, at::kDouble)
        .to_dense();
  };
  EXPECT_TRUE(dense(other).equal(dense(matrix).index_select(0, order).index_select(1, order)));
}

}  // namespace
}  // namespace cleave::classical
