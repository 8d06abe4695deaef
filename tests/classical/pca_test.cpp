#include "cleave/classical/pca.h"

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/base/random.h"
#include "tests/support/noise.h"
#include "tests/support/reference.h"
#include "tests/support/threads.h"

namespace cleave::classical {
namespace {

using tests::near;
using tests::noise;
using tests::on_one_and_three_threads;
using tests::reference;
using tests::tensor_of;

TEST(Pca, AgreesWithScikitLearnOnTallAndWideData) {
  auto stored = reference("classical");
  Tensor x = tensor_of(stored["x"]);
  for (const auto& [name, rows] : {std::pair{"pca_tall", x}, std::pair{"pca_wide", x.slice(0, 0, 3)}}) {
    auto expected = stored[name];
    Pca pca = fit_pca(rows, 2);
    EXPECT_TRUE(near(pca.mean, tensor_of(expected["mean"]), 1e-12)) << name;
    EXPECT_TRUE(near(pca.components, tensor_of(expected["components"]), 1e-8)) << name;
    EXPECT_TRUE(near(pca.explained_variance, tensor_of(expected["explained_variance"]), 1e-8)) << name;
    EXPECT_TRUE(
        near(pca.explained_variance / pca.total_variance, tensor_of(expected["explained_variance_ratio"]), 1e-10));
    EXPECT_TRUE(near(pca.transform(rows), tensor_of(expected["codes"]), 1e-8)) << name;
  }
}

TEST(Pca, AllComponentsGiveTheDataBack) {
  for (auto shape : {std::vector<int64_t>{40, 7}, {5, 12}}) {
    Tensor x = noise(shape) + 3;
    Pca pca = fit_pca(x, std::min(shape[0], shape[1]));
    EXPECT_TRUE(near(pca.inverse(pca.transform(x)), x, 1e-10));
    EXPECT_TRUE(near(pca.components.mm(pca.components.t()), at::eye(pca.components.size(0), at::kDouble), 1e-12));
  }
}

TEST(Pca, CodesAreUncorrelatedWithTheExplainedVariances) {
  Tensor x = noise({500, 6}) * at::arange(1, 7) + 1e5;
  Pca pca = fit_pca(x, 4);
  EXPECT_TRUE(near(at::cov(pca.transform(x).t()), pca.explained_variance.diag(), 1e-8));
  EXPECT_TRUE((pca.explained_variance.diff() <= 0).all().item<bool>());
  EXPECT_NEAR(pca.total_variance, x.var(0).sum().item<double>(), 1e-8);
}

TEST(Pca, AFewComponentsOfThousandsAreThoseOfTheScatterOnAnyThreads) {
  // Few examples, few columns, and many of both: whichever matrix is smaller, and then neither.
  for (auto [n, width] : {std::pair{1100, 4000}, {4000, 1100}, {4200, 4300}}) {
    const Tensor scales = at::linspace(9, 3, 30, at::kDouble);  // of 30 directions that stand out of noise
    const Tensor x = ((noise({n, 30}) * scales).mm(noise({30, width}, 2)) + noise({n, width}, 3) + 20).to(at::kFloat);
    const Pca pca = fit_pca(x, 20);
    EXPECT_TRUE(near(pca.components.mm(pca.components.t()), at::eye(20), 1e-5));
    const Tensor centred = x.to(at::kDouble) - x.to(at::kDouble).mean(0);
    const Tensor components = pca.components.t().to(at::kDouble);
    const Tensor images = centred.t().mm(centred.mm(components)) / (n - 1);  // S v
    const double error = (images - components * pca.explained_variance).norm(2, {0}).max().item<double>();
    EXPECT_LT(error, 2e-6 * pca.explained_variance[0].item<double>()) << n;
    EXPECT_GT(pca.explained_variance[19].item<double>(), 1000) << n;  // noise has 8 at most
    EXPECT_NEAR(pca.total_variance, centred.square().sum().item<double>() / (n - 1), 1e-9 * pca.total_variance);
    auto [one, three] = on_one_and_three_threads([&] { return fit_pca(x, 20).components; });
    EXPECT_TRUE(at::equal(one, three)) << n;
  }
}

TEST(Pca, LargestLoadingIsPositive) {
  Pca pca = fit_pca(noise({300, 5}), 5);
  Tensor largest = pca.components.gather(1, pca.components.abs().argmax(1, true));
  EXPECT_TRUE((largest > 0).all().item<bool>());
}

TEST(Pca, Float32FarFromTheOriginComesCloseToFloat64) {
  Tensor x = noise({1000, 5}) * at::arange(1, 6) + 100;
  EXPECT_TRUE(near(fit_pca(x.to(at::kFloat), 3).components, fit_pca(x, 3).components, 1e-4));
}

TEST(Pca, ConstantDataHaveNoVarianceAndComeBack) {
  Tensor x = at::full({20, 3}, 4.0);
  Pca pca = fit_pca(x, 2);
  EXPECT_EQ(pca.total_variance, 0);
  EXPECT_TRUE(near(pca.inverse(pca.transform(x)), x, 1e-6));
  EXPECT_EQ(fit_pca(x.slice(0, 0, 1), 1).total_variance, 0);
}

TEST(Pca, RefusesWhatCannotBe) {
  Tensor x = noise({5, 8});
  EXPECT_THROW(fit_pca(x, 6), ArgumentError);
  EXPECT_THROW(fit_pca(x, 0), ArgumentError);
  x[2][3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(fit_pca(x, 2), DataError);
}

TEST(Pca, IsTheSameBitsForAnyNumberOfThreads) {
  for (auto shape : {std::vector<int64_t>{5000, 300}, {200, 900}}) {
    Tensor x = noise(shape).to(at::kFloat);
    auto [one, three] = on_one_and_three_threads([&] {
      Pca pca = fit_pca(x, 20);
      return std::pair(pca.components, pca.transform(x));
    });
    EXPECT_TRUE(one.first.equal(three.first)) << shape[0];
    EXPECT_TRUE(one.second.equal(three.second)) << shape[0];
  }
}

TEST(Pca, ReducesOnlyWhatIsWider) {
  const Tensor x = noise({30, 8});
  EXPECT_TRUE(at::equal(reduced_to(x, 3), fit_pca(x, 3).transform(x)));
  for (int64_t most : {0, 8, 9})
    EXPECT_TRUE(at::equal(reduced_to(x, most), x)) << most;
  EXPECT_EQ(reduced_to(noise({4, 8}), 6).sizes(), at::IntArrayRef({4, 4}));
}

}  // namespace
}  // namespace cleave::classical
