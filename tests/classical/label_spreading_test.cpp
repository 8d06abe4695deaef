#include "cleave/classical/label_spreading.h"

#include <gtest/gtest.h>

#include "cleave/base/error.h"

namespace cleave::classical {
namespace {

/// The path 0 - 1 - 2 - 3 and, apart from it, 4.
SparseRows path() {
  return {at::tensor({0, 1, 3, 5, 6, 6}, at::kLong), at::tensor({1, 0, 2, 1, 3, 2}, at::kInt), at::ones({6})};
}

TEST(LabelSpreading, SolvesTheLinearSystemAndGivesEachClassItsMass) {
  Tensor y = at::tensor({0, -1, -1, 1, -1}, at::kLong);
  Tensor shares = spread_labels(path(), y, 2, 0.5);
  Tensor w = at::zeros({5, 5}, at::kDouble);
  for (int64_t i = 0; i < 3; ++i)
    w[i][i + 1] = w[i + 1][i] = 1;
  Tensor scale = w.sum(1).clamp_min(1).rsqrt();
  Tensor labels = at::zeros({5, 2}, at::kDouble);
  labels[0][0] = labels[3][1] = 1;
  Tensor exact = at::linalg_solve(at::eye(5, at::kDouble) - 0.5 * scale.unsqueeze(1) * w * scale, labels);
  exact = exact / exact.sum(0);
  EXPECT_TRUE(at::allclose(shares.to(at::kDouble), exact, 0, 2e-3));
  EXPECT_EQ(shares[4].abs().sum().item<double>(), 0) << "no label reaches it";
  EXPECT_GT(shares[1][0].item<double>(), shares[1][1].item<double>());
}

TEST(LabelSpreading, RefusesWhatDoesNotFit) {
  EXPECT_THROW(spread_labels(path(), at::zeros({4}, at::kLong), 2), ArgumentError);
  EXPECT_THROW(spread_labels(path(), at::full({5}, 2, at::kLong), 2), ArgumentError);
  EXPECT_THROW(spread_labels(path(), at::zeros({5}, at::kLong), 2, 1.0), ArgumentError);
}

}  // namespace
}  // namespace cleave::classical
