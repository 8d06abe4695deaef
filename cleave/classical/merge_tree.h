// The tree of merges that hierarchical clustering leaves, and cuts through it.
//
// Axes  N examples.
#pragma once

#include <cstdint>
#include <vector>

#include "cleave/base/tensor.h"

namespace cleave::classical {

/// Merge t joins clusters merges[t] into cluster N + t; clusters 0 to N - 1 are the examples. The format of scipy's
/// linkage matrix, column by column.
struct MergeTree {
  Tensor merges;   ///< [N - 1, 2] int64, the smaller number first
  Tensor heights;  ///< [N - 1] float64; not rising where merges are not monotone (centroid linkage, connectivity)
  Tensor sizes;    ///< [N - 1] int64, examples in the new cluster

  int64_t examples() const { return heights.size(0) + 1; }
};

/// Two clusters, each named by any of its examples, joined at a height.
struct Join {
  int64_t a = 0, b = 0;
  double height = 0;
};

/// The tree of `joins` of N examples, N - 1 of them: in their order, or by height (equal heights in their order).
MergeTree tree_of(std::vector<Join> joins, bool by_height);

/// Labels [N] int64 of the clusters that are left when the last `clusters` - 1 merges are undone, numbered by their
/// first examples. Throws ArgumentError unless 1 <= clusters <= N.
Tensor cut_into(const MergeTree& tree, int64_t clusters);

/// Labels [N] int64 of the largest clusters within which no merge lies above `height`, numbered by their first
/// examples.
Tensor cut_at(const MergeTree& tree, double height);

}  // namespace cleave::classical
