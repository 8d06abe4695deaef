// The tree of merges of a hierarchical clustering, as SVG.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cleave/base/tensor.h"

namespace cleave::report {

struct Dendrogram {
  std::string title;  ///< for screen readers
  std::string y_label = "height of the merge";
  Tensor merges;    ///< [N - 1, 2] int64: merge t joins two of examples 0.. and clusters N.. into N + t
  Tensor heights;   ///< [N - 1] float64
  Tensor clusters;  ///< [N] int64 cluster of each example; negative: none
  std::vector<std::string> colours;  ///< per cluster; empty: categorical_colours
  std::vector<std::string> names;    ///< per example, written where every example has its own leaf; may be empty
  std::optional<double> cut;         ///< a dashed line at this height
  std::string cut_label;
  int64_t leaves = 48;  ///< most; of more examples the last merges are drawn, and what lies below is a wedge
  double width = 960, height = 380;
};

/// Merges as brackets over a height axis; whatever lies within one cluster has its colour, and each cluster its number
/// on a bar below. A wedge stands for a part of the tree that is not drawn: it reaches up to that part's last merge,
/// its foot grows with the number of examples, which is written below.
/// Throws ArgumentError when the shapes do not fit or there is no merge.
std::string draw(const Dendrogram& dendrogram);

}  // namespace cleave::report
