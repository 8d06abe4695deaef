// Which cluster each example belongs to.
#pragma once

#include "cleave/base/tensor.h"

namespace cleave::experiment {

/// Hard clusters, and how sure the method is of each.
struct Assignment {
  Tensor cluster;     ///< [N] int64, -1 for noise
  Tensor confidence;  ///< [N] float32, the largest responsibility
};

/// The most probable cluster of each row of responsibilities [N, K]. A row of zeros is noise.
Assignment most_probable(const Tensor& responsibilities);

}  // namespace cleave::experiment
