// How well clusters are separated, judged without labels.
#pragma once

#include <cstdint>
#include <optional>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::metrics {

struct Silhouette {
  double mean = 0;       ///< over the examples, in [-1, 1]
  int64_t examples = 0;  ///< it was computed from: fewer than N where some are noise or a sample was drawn
};

/// Mean silhouette width (b - a) / max(a, b), where a is the mean distance to the other members of the example's
/// cluster and b the least mean distance to the members of another; 0 for an example alone in its cluster.
///
/// x [N, X] floating, clusters [N] int64; noise (-1) is left out. Exact up to `largest` examples; beyond, that many are
/// drawn from stream "silhouette", and all distances are within the sample. Nothing where fewer than two clusters
/// remain. Source: Rousseeuw. Silhouettes. J. Computational and Applied Mathematics 1987. Throws ArgumentError when the
/// shapes do not fit, DataError when a distance is not finite, Interrupted.
std::optional<Silhouette> silhouette(const Tensor& x, const Tensor& clusters, const Randomness& random,
                                     int64_t largest = 10000, const classical::ShouldStop& should_stop = {});

}  // namespace cleave::metrics
