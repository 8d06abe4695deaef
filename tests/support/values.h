// Tensors as lists, for matchers.
#pragma once

#include <vector>

#include <ATen/ATen.h>

namespace cleave::tests {

/// Every value, in order.
inline std::vector<double> values(const at::Tensor& tensor) {
  at::Tensor flat = tensor.to(at::kDouble).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

}  // namespace cleave::tests
