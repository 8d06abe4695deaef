#include "cleave/networks/dense_layer.h"

#include <optional>

#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include "cleave/kernels/products.h"

namespace cleave::networks {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

bool is_plain(const Tensor& values) {
  return values.dim() == 2 && values.scalar_type() == at::kFloat && values.is_cpu();
}

struct FusedDenseLayer : torch::autograd::Function<FusedDenseLayer> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight,
                        const std::optional<Tensor>& bias, bool rectified) {
    Tensor y = kernels::product(x, weight.t(), bias.value_or(Tensor()), rectified);
    context->save_for_backward({x, weight, rectified ? y : Tensor()});
    context->saved_data["has_bias"] = bias.has_value();
    return y;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &y = saved[2];
    const Tensor g = y.defined() ? at::threshold_backward(gradients[0], y, 0) : gradients[0];
    tensor_list by(4);  // x, weight, bias, rectified
    if (context->needs_input_grad(0)) by[0] = kernels::product(g, weight);
    if (context->needs_input_grad(1)) by[1] = kernels::product(g.t(), x);
    // Only what is there is counted among the inputs.
    if (context->saved_data["has_bias"].toBool() && context->needs_input_grad(2)) by[2] = g.sum(0);
    return by;
  }
};

}  // namespace

Tensor fused_dense_layer(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation) {
  const std::optional<Tensor> given = bias.defined() ? std::optional(bias) : std::nullopt;
  return FusedDenseLayer::apply(x, weight, given, activation == Activation::kRectifier);
}

Tensor dense_layer(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation) {
  if (kernels::multiplies_faster() && is_plain(x) && is_plain(weight) && !at::autocast::is_autocast_enabled(at::kCPU)) {
    return fused_dense_layer(x, weight, bias, activation);
  }
  Tensor y = at::linear(x, weight, bias);
  return activation == Activation::kRectifier ? y.relu_() : y;
}

}  // namespace cleave::networks
