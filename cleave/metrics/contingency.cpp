#include "cleave/metrics/contingency.h"

#include "cleave/base/error.h"

namespace cleave::metrics {

int64_t Contingency::examples() const {
  return counts.sum().item<int64_t>();
}

Tensor Contingency::without_noise() const {
  return clusters.front() == -1 ? counts.slice(0, 1) : counts;
}

Contingency cross_tabulate(const Tensor& clusters, const Tensor& labels) {
  for (const Tensor& ids : {clusters, labels}) {
    require<ArgumentError>(ids.defined() && ids.dim() == 1 && ids.scalar_type() == at::kLong,
                           "contingency: clusters and labels must be vectors of int64");
    int64_t smallest = ids.numel() > 0 ? ids.min().item<int64_t>() : -1;
    require<ArgumentError>(smallest >= -1, "contingency: an id must be -1 or more, and {} is not", smallest);
  }
  require<ArgumentError>(clusters.size(0) == labels.size(0), "contingency: {} clusters for {} labels", clusters.size(0),
                         labels.size(0));
  Tensor known = (labels >= 0).nonzero().flatten();
  require<ArgumentError>(known.numel() > 0, "contingency: no example has a known label");
  auto [rows, row] = at::_unique(clusters.index_select(0, known), /*sorted=*/true, /*return_inverse=*/true);
  auto [columns, column] = at::_unique(labels.index_select(0, known), true, true);

  Contingency table;
  int64_t width = columns.size(0);
  table.counts = (row * width + column).bincount({}, rows.size(0) * width).view({rows.size(0), width});
  table.clusters.assign(rows.const_data_ptr<int64_t>(), rows.const_data_ptr<int64_t>() + rows.size(0));
  table.labels.assign(columns.const_data_ptr<int64_t>(), columns.const_data_ptr<int64_t>() + width);
  table.unknown = labels.size(0) - known.size(0);
  return table;
}

}  // namespace cleave::metrics
