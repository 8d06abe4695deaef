#include "cleave/metrics/silhouette.h"

#include <algorithm>
#include <limits>

#include "cleave/base/error.h"

namespace cleave::metrics {

namespace {

/// Silhouette widths [B] of the examples [first, first + B) of x [N, X]; members [N, K] one-hot float64.
Tensor widths(const Tensor& x, const Tensor& members, int64_t first, int64_t count) {
  Tensor distances = classical::squared_distances(x.slice(0, first, first + count), x).sqrt();
  distances.diagonal(first).zero_();  // an example to itself
  Tensor own = members.slice(0, first, first + count).to(at::kBool);
  Tensor sizes = members.sum(0);        // [K]
  Tensor sums = distances.mm(members);  // [B, K]
  Tensor own_size = sizes.expand_as(sums).masked_select(own);
  Tensor a = sums.masked_select(own) / (own_size - 1).clamp_min(1);
  Tensor b = (sums / sizes).masked_fill(own, std::numeric_limits<double>::infinity()).amin(1);
  Tensor larger = at::maximum(a, b);
  return at::where((own_size > 1).logical_and(larger > 0), (b - a) / larger, 0.0);
}

}  // namespace

std::optional<Silhouette> silhouette(const Tensor& data, const Tensor& clusters, const Randomness& random,
                                     int64_t largest, const classical::ShouldStop& should_stop) {
  Tensor x = classical::checked_matrix(data, "silhouette");
  require<ArgumentError>(
      clusters.defined() && clusters.dim() == 1 && clusters.scalar_type() == at::kLong && clusters.size(0) == x.size(0),
      "silhouette: the clusters must be int64, one per example");
  Tensor chosen = (clusters >= 0).nonzero().flatten();
  if (chosen.size(0) > largest) {
    Tensor order = at::randperm(chosen.size(0), random.stream("silhouette"), at::kLong).slice(0, 0, largest);
    chosen = chosen.index_select(0, std::get<0>(order.sort()));
  }
  auto [ids, cluster] = at::_unique(clusters.index_select(0, chosen), /*sorted=*/true, /*return_inverse=*/true);
  if (ids.size(0) < 2) return std::nullopt;

  x = x.index_select(0, chosen).to(at::kDouble);
  require<DataError>(at::isfinite(x.square().sum()).item<bool>(),
                     "silhouette: the data hold values that are not finite or too large");
  Tensor members = at::one_hot(cluster, ids.size(0)).to(at::kDouble);
  double sum = 0;
  const int64_t n = x.size(0), block = std::max<int64_t>(64, (int64_t{1} << 22) / n);
  for (int64_t first = 0; first < n; first += block) {
    classical::stop_if_asked(should_stop, "silhouette");
    sum += widths(x, members, first, std::min(block, n - first)).sum().item<double>();
  }
  return Silhouette{sum / static_cast<double>(n), n};
}

}  // namespace cleave::metrics
