// The examples of a fit, recognised by their bytes.
//
// Methods that place all examples together (trees of merges, neighbour graphs, maps) know the examples they were fitted
// on and must have a rule for any other. Through this a method asked about an example tells which of the two it is.
#pragma once

#include <torch/nn/module.h>

#include "cleave/base/tensor.h"

namespace cleave::model {

class FittedRows {
 public:
  /// Registers the buffers "fitted_hashes" and "fitted_positions", [N], empty before remember().
  explicit FittedRows(torch::nn::Module& owner);

  /// x [N, X] float32, the examples of the fit in order.
  void remember(const Tensor& x);

  /// Where each row of x [B, X] float32 stood in the fit, [B] int64; of equal rows the first; -1 for a new one.
  /// Two different rows pass for equal with a chance of 2^-64.
  Tensor find(const Tensor& x) const;

 private:
  Tensor hashes_;     ///< [N] int64, rising
  Tensor positions_;  ///< [N] int64 of the row with that hash
};

}  // namespace cleave::model
