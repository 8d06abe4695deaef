#include "cleave/networks/dense_layer.h"

#include <gtest/gtest.h>

#include "cleave/base/random.h"
#include "cleave/kernels/products.h"

namespace cleave::networks {
namespace {

struct Layer {
  Tensor x, weight, bias;

  explicit Layer(bool has_bias = true) {
    at::Generator generator = Randomness(1).stream("layer");
    x = at::randn({70, 30}, generator).requires_grad_();
    weight = at::randn({25, 30}, generator).requires_grad_();
    if (has_bias) bias = at::randn({25}, generator).requires_grad_();
  }
};

// The oracle is libtorch's own: linear, then relu.
TEST(DenseLayer, FusedHasTheValuesAndGradientsOfItsParts) {
  if (!kernels::can_multiply()) GTEST_SKIP() << "this processor has no AVX2";
  for (bool has_bias : {true, false}) {
    for (Activation activation : {Activation::kNone, Activation::kRectifier}) {
      const Layer ours(has_bias), theirs(has_bias);
      const Tensor y = fused_dense_layer(ours.x, ours.weight, ours.bias, activation);
      Tensor expected = at::linear(theirs.x, theirs.weight, theirs.bias);
      if (activation == Activation::kRectifier) expected = expected.relu();
      EXPECT_TRUE(at::allclose(y, expected, 1e-5, 1e-5));
      const Tensor weights = at::randn({70, 25}, Randomness(2).stream("loss"));
      (y * weights).sum().backward();
      (expected * weights).sum().backward();
      EXPECT_TRUE(at::allclose(ours.x.grad(), theirs.x.grad(), 1e-5, 1e-5));
      EXPECT_TRUE(at::allclose(ours.weight.grad(), theirs.weight.grad(), 1e-5, 1e-4));
      if (has_bias) EXPECT_TRUE(at::allclose(ours.bias.grad(), theirs.bias.grad(), 1e-5, 1e-4));
    }
  }
}

TEST(DenseLayer, FusedGivesGradientsToThoseThatWantThem) {
  if (!kernels::can_multiply()) GTEST_SKIP() << "this processor has no AVX2";
  Layer layer;
  layer.x = layer.x.detach();
  fused_dense_layer(layer.x, layer.weight, layer.bias, Activation::kRectifier).sum().backward();  // expanded gradient
  EXPECT_FALSE(layer.x.grad().defined());
  EXPECT_TRUE(layer.weight.grad().defined());
  at::NoGradGuard no_grad;
  EXPECT_FALSE(fused_dense_layer(layer.x, layer.weight, layer.bias, Activation::kNone).requires_grad());
}

TEST(DenseLayer, TakesWhatTheFusedOneCannot) {
  const Layer layer;
  const Tensor x = layer.x.to(at::kDouble), weight = layer.weight.to(at::kDouble), bias = layer.bias.to(at::kDouble);
  EXPECT_EQ(dense_layer(x, weight, bias).scalar_type(), at::kDouble);
  EXPECT_EQ(dense_layer(layer.x.view({7, 10, 30}), layer.weight, layer.bias, Activation::kRectifier).dim(), 3);
}

}  // namespace
}  // namespace cleave::networks
