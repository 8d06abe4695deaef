#include "cleave/kernels/products.h"

#include <cmath>
#include <limits>
#include <tuple>

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/random.h"

namespace cleave::kernels {
namespace {

Tensor drawn(int64_t rows, int64_t columns) {
  return at::randn({rows, columns}, Randomness(1).stream(fmt::format("{} by {}", rows, columns)));
}

class Products : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_multiply()) GTEST_SKIP() << "this processor has no AVX2";
  }
};

// Sums of float32 products, each of size about 1, in blocks: the error grows as the root of their number.
void expect_close(const Tensor& actual, const Tensor& exact, int64_t depth, const std::string& what) {
  ASSERT_EQ(actual.sizes(), exact.sizes()) << what;
  const double error = (actual.to(at::kDouble) - exact).abs().max().item<double>();
  EXPECT_LT(error, 1e-6 * std::sqrt(static_cast<double>(depth)) * 8) << what;
}

// M, K and N around the sizes of tiles, blocks and the eights that are transposed at once.
const std::tuple<int64_t, int64_t, int64_t> kShapes[] = {
    {1, 1, 1},    {1, 7, 10},   {5, 8, 15},    {6, 16, 16},    {7, 17, 17},     {12, 9, 32},  {256, 10, 20},
    {31, 320, 5}, {13, 321, 4}, {64, 641, 48}, {258, 100, 50}, {259, 1000, 33}, {600, 3, 70}, {517, 330, 100},
};

TEST_F(Products, AreThoseOfFloat64ForEveryShapeAndOrderInMemory) {
  for (auto [rows, depth, columns] : kShapes) {
    for (bool a_transposed : {false, true}) {
      for (bool b_transposed : {false, true}) {
        const Tensor a = a_transposed ? drawn(depth, rows).t() : drawn(rows, depth);
        const Tensor b = b_transposed ? drawn(columns, depth).t() : drawn(depth, columns);
        expect_close(product(a, b), a.to(at::kDouble).mm(b.to(at::kDouble)), depth,
                     fmt::format("{} x {} x {}, {} {}", rows, depth, columns, a_transposed, b_transposed));
      }
    }
  }
}

TEST_F(Products, TakeAnyStrides) {
  const Tensor all = drawn(200, 300), a = all.slice(0, 1, 80, 2).slice(1, 3, 200, 3);
  const Tensor b = all.slice(1, 100, 300).t().slice(0, 0, 66).slice(1, 5, 105);
  expect_close(product(a, b), a.to(at::kDouble).mm(b.to(at::kDouble)), 66, "sliced");
  for (int64_t columns : {6, 16, 40}) {  // every row the same one: strides 0 and 1
    const Tensor same = drawn(1, columns).expand({30, columns}), c = drawn(30, 18);
    expect_close(product(same.t(), c), same.t().to(at::kDouble).mm(c.to(at::kDouble)), 30, "expanded");
    expect_close(product(c.t(), same), c.t().to(at::kDouble).mm(same.to(at::kDouble)), 30, "expanded");
  }
}

TEST_F(Products, AddABiasAndRectify) {
  for (auto [rows, depth, columns] : kShapes) {
    const Tensor a = drawn(rows, depth), b = drawn(depth, columns), bias = drawn(2, columns)[1];
    const Tensor exact = a.to(at::kDouble).mm(b.to(at::kDouble)) + bias.to(at::kDouble);
    const std::string what = fmt::format("{} x {} x {}", rows, depth, columns);
    expect_close(product(a, b, bias), exact, depth, what);
    expect_close(product(a, b, bias, /*rectified=*/true), exact.clamp_min(0), depth, what);
  }
}

TEST_F(Products, OfNothingAreTheBias) {
  const Tensor bias = drawn(1, 3)[0];
  EXPECT_TRUE(at::equal(product(at::empty({2, 0}), at::empty({0, 3}), bias), bias.expand({2, 3})));
  EXPECT_EQ(product(at::empty({0, 4}), at::empty({4, 3})).size(0), 0);
  EXPECT_EQ(product(at::empty({2, 4}), at::empty({4, 0})).size(1), 0);
}

TEST_F(Products, LetNoValueThatIsNotFiniteVanish) {
  Tensor a = drawn(20, 30);
  a[3][4] = std::numeric_limits<float>::quiet_NaN();
  const Tensor c = product(a, drawn(30, 20), {}, /*rectified=*/true);
  EXPECT_TRUE(c[3].isnan().all().item<bool>());
  EXPECT_EQ(c.isnan().sum().item<int64_t>(), 20);
}

// A row's result is its own: whatever stands beside it, and however the work is cut.
TEST_F(Products, AreTheSameBitsForAnyNumberOfThreadsAndRows) {
  const Tensor a = drawn(261, 500), b = drawn(500, 90);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Tensor one = product(a, b);
  for (int count : {2, 3, 4}) {
    at::set_num_threads(count);
    EXPECT_TRUE(at::equal(product(a, b), one)) << count << " threads";
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(product(a.slice(0, 100, 107), b), one.slice(0, 100, 107)));
}

}  // namespace
}  // namespace cleave::kernels
