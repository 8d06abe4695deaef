// Which examples show what a cluster is.
#pragma once

#include <cstdint>
#include <functional>

#include "cleave/base/tensor.h"

namespace cleave::analysis {

/// Examples that stand for the clusters of one facet, as row numbers; -1 fills the rows of small clusters.
struct Gallery {
  Tensor sizes;      ///< [K] int64, members per cluster
  Tensor centres;    ///< [K, R] mean representation of the members; zero for an empty cluster
  Tensor typical;    ///< [K, examples] the members nearest to the centre, nearest first
  Tensor spread;     ///< [K, examples] members at equal steps of rank from the most to the least typical
  Tensor uncertain;  ///< [K, examples] the members that belong least clearly, worst first
  bool soft = true;  ///< false when all responsibilities are 0 or 1: then "least clearly" means by the ratio of the
                     ///< distances to the own and to the nearest other centre
};

/// Representation of examples: positions [B] int64 in [0, N) -> [B, R].
using Representation = std::function<Tensor(const Tensor& positions)>;

/// responsibilities [N, K], assignment [N] in [0, K) or -1. The row numbers in the result are positions in [0, N).
/// Ties keep the order of the rows. Cost: two passes over the representation.
Gallery gallery(const Tensor& responsibilities, const Tensor& assignment, const Representation& representation,
                int64_t examples);

/// Clusters from the largest to the smallest, ties by number: [K] int64.
Tensor by_size(const Tensor& sizes);

}  // namespace cleave::analysis
