#include "cleave/classical/leading_eigenpairs.h"

#include <gtest/gtest.h>

#include "tests/support/noise.h"
#include "tests/support/reference.h"

namespace cleave::classical {
namespace {

using tests::near;
using tests::noise;

/// A symmetric matrix of these eigenvalues.
Tensor with_eigenvalues(const Tensor& values) {
  const Tensor q = std::get<0>(at::linalg_qr(noise({values.size(0), values.size(0)})));
  return (q * values).mm(q.t());
}

TEST(LeadingEigenpairs, AreThoseOfTheDenseMatrix) {
  const Tensor spread = 1 / at::arange(1, 401, at::kDouble);
  Tensor repeated = spread.clone(), low_rank = spread.clone();
  repeated.slice(0, 3, 25).fill_(0.2);
  low_rank.slice(0, 5).zero_();
  for (const Tensor& values : {spread, repeated, low_rank, at::ones({400}, at::kDouble)}) {
    const Tensor s = with_eigenvalues(values);
    const auto found = leading_eigenpairs([&](const Tensor& v) { return s.mm(v); }, 400, 20);
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(near(found->values, values.slice(0, 0, 20), 1e-9));
    EXPECT_TRUE(near(s.mm(found->vectors), found->vectors * found->values, 2e-9));
    EXPECT_TRUE(near(found->vectors.t().mm(found->vectors), at::eye(20, at::kDouble), 1e-10));
  }
}

TEST(LeadingEigenpairs, OfASmallMatrixMayBeAll) {
  const Tensor values = at::arange(7, 0, -1, at::kDouble), s = with_eigenvalues(values);
  const auto found = leading_eigenpairs([&](const Tensor& v) { return s.mm(v); }, 7, 7);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(near(found->values, values, 1e-8));
}

TEST(LeadingEigenpairs, ThatDoNotSettleAreNotGiven) {
  const Tensor s = with_eigenvalues(at::linspace(1, 0.9, 400, at::kDouble));
  EXPECT_FALSE(leading_eigenpairs([&](const Tensor& v) { return s.mm(v); }, 400, 20, /*most=*/3).has_value());
}

}  // namespace
}  // namespace cleave::classical
