#include "cleave/model/fitted_rows.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

namespace cleave::model {
namespace {

TEST(FittedRows, FindsTheRowsOfTheFitInAnyOrderAndNoOthers) {
  torch::nn::Module owner;
  FittedRows rows(owner);
  Tensor x = at::tensor({3.f, 1.f, 0.f, 0.f, -2.f, 5.f, 0.f, 0.f}).view({4, 2});
  EXPECT_TRUE(at::equal(rows.find(x), at::full({4}, -1, at::kLong)));
  rows.remember(x);
  Tensor asked = at::tensor({-2.f, 5.f, 7.f, 7.f, 0.f, 0.f, 3.f, 1.f}).view({4, 2});
  EXPECT_TRUE(
      at::equal(rows.find(asked), at::tensor({2, -1, 1, 0}, at::kLong)));  // of the equal rows 1 and 3 the first
}

}  // namespace
}  // namespace cleave::model
