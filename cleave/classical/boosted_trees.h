// Gradient-boosted classification trees, for the importance that they give to each feature.
//
// Source  Friedman. Greedy function approximation: a gradient boosting machine. Annals of Statistics 2001, algorithm 6.
// Axes    N examples, X features.
#pragma once

#include <cstdint>

#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

struct BoostingOptions {
  int64_t rounds = 100;
  int64_t depth = 3;  ///< of each tree
  double learning_rate = 0.1;
};

struct BoostedTrees {
  Tensor importance;      ///< [X] float64, >= 0: share in what all splits take from the squared residuals, sums to 1;
                          ///< all 0 when no tree was split
  Tensor test_predicted;  ///< [M] int64
};

/// Fits classes [N] int64 >= 0 from x [N, X] and predicts those of test [M, X]. Exact splits; of equally good ones that
/// of the first feature. Throws ArgumentError when the shapes do not fit, DataError for values that are not finite,
/// Interrupted.
BoostedTrees boost(const Tensor& x, const Tensor& classes, const Tensor& test, const BoostingOptions& options = {},
                   const ShouldStop& should_stop = {});

}  // namespace cleave::classical
