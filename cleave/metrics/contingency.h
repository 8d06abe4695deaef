// How often each cluster met each label. Clusterings are compared by this table alone.
//
// Two ids are special, in every measure here. An example whose label is -1 (unknown) is left out of the table. An
// example whose cluster is -1 (noise) stays in: to the accuracies it is an error, to the measures of agreement noise is
// one more cluster.
#pragma once

#include <cstdint>
#include <vector>

#include "cleave/base/tensor.h"

namespace cleave::metrics {

struct Contingency {
  Tensor counts;                  ///< [R, C] int64, examples of row's cluster and column's label; no row or column is 0
  std::vector<int64_t> clusters;  ///< id of each row, rising; noise (-1), if any, comes first
  std::vector<int64_t> labels;    ///< id of each column, rising
  int64_t unknown = 0;            ///< examples left out for want of a label

  int64_t examples() const;      ///< sum of the counts
  Tensor without_noise() const;  ///< the rows of proper clusters
};

/// The table of two labelings [N] int64 of the same examples.
/// Throws ArgumentError when they are not int64 vectors of one length, an id is below -1, or no label is known.
Contingency cross_tabulate(const Tensor& clusters, const Tensor& labels);

}  // namespace cleave::metrics
