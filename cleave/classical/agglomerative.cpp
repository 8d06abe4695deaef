#include "cleave/classical/agglomerative.h"

#include <algorithm>
#include <cmath>

#include "cleave/base/error.h"
#include "cleave/base/text.h"
#include "cleave/classical/linkages.h"
#include "cleave/classical/spanning_tree.h"

namespace cleave::classical {

namespace {

std::vector<Join> single_joins(const Tensor& x, const ShouldStop& should_stop) {
  SpanningTree tree = minimum_spanning_tree(x, {}, {}, should_stop);
  std::vector<Join> joins(static_cast<size_t>(x.size(0) - 1));
  for (size_t t = 0; t < joins.size(); ++t) {
    joins[t] = {tree.from.const_data_ptr<int64_t>()[t], tree.to.const_data_ptr<int64_t>()[t],
                tree.lengths.const_data_ptr<double>()[t]};
  }
  return joins;
}

}  // namespace

Linkage linkage_of(const std::string& word) {
  if (word == "single") return Linkage::kSingle;
  if (word == "complete") return Linkage::kComplete;
  if (word == "average") return Linkage::kAverage;
  if (word == "ward") return Linkage::kWard;
  if (word == "centroid") return Linkage::kCentroid;
  throw ArgumentError(unknown_name("linkage", word, {"single", "complete", "average", "ward", "centroid"}));
}

MergeTree agglomerate(const Tensor& data, const AgglomerativeOptions& options, const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "agglomerative");
  require<DataError>(std::isfinite(x.to(at::kDouble).square().sum().item<double>()),
                     "agglomerative: the data hold values that are not finite or too large");
  if (x.size(0) == 1) return tree_of({}, false);
  if (options.connectivity > 0)
    return tree_of(connected_joins(x, options.linkage, options.connectivity, should_stop), /*by_height=*/false);
  switch (options.linkage) {
    case Linkage::kSingle:
      return tree_of(single_joins(x, should_stop), /*by_height=*/true);
    case Linkage::kWard:
      return tree_of(ward_joins(x, should_stop), /*by_height=*/true);
    case Linkage::kCentroid:
      return tree_of(centroid_joins(x, should_stop), /*by_height=*/false);
    default:
      return tree_of(matrix_joins(x, options.linkage, options.memory, should_stop), /*by_height=*/true);
  }
}

}  // namespace cleave::classical
