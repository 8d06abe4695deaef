// A dense layer as one operation: product, bias and rectifier in one pass over its result.
#pragma once

#include "cleave/base/tensor.h"

namespace cleave::networks {

enum class Activation { kNone, kRectifier };

/// activation(x weight^T + bias): x [B, inputs], weight [outputs, inputs], bias [outputs] or undefined, to [B,
/// outputs]. By libtorch's own operations, or by `fused_dense_layer` where that is faster and can be taken: float32,
/// not autocast.
Tensor dense_layer(const Tensor& x, const Tensor& weight, const Tensor& bias,
                   Activation activation = Activation::kNone);

/// The same by kernels::product, where that can run; differentiable once.
Tensor fused_dense_layer(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation);

}  // namespace cleave::networks
