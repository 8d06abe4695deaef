#include "cleave/classical/spanning_tree.h"

#include <cmath>

#include "cleave/base/error.h"
#include "cleave/classical/nearest.h"
#include "cleave/classical/spanning_trees.h"

namespace cleave::classical {

SpanningTree minimum_spanning_tree(const Tensor& data, const Tensor& squared_cores, const Tensor& known,
                                   const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "spanning tree");
  const int64_t n = x.size(0);
  require<ArgumentError>(!squared_cores.defined() || squared_cores.numel() == n,
                         "spanning tree: {} examples need as many core distances", n);
  require<DataError>(std::isfinite(column_means(x.to(at::kDouble).square()).sum().item<double>()),
                     "spanning tree: the data hold values that are not finite or too large");
  constexpr int64_t kFew = 4096;  // Prim's algorithm is soon done
  if (n <= kFew) return prim_tree(x, squared_cores, should_stop);
  const Tensor lists = known.defined() ? known : nearest(x, x, 15, /*leave_self_out=*/true, should_stop).indices;
  return boruvka_tree(x, squared_cores, lists, should_stop);
}

}  // namespace cleave::classical
