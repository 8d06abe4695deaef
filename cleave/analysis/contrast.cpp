#include "cleave/analysis/contrast.h"

#include <algorithm>

#include <fmt/format.h>

namespace cleave::analysis {
namespace {

constexpr int64_t kContrastBlock = 1024;

Tensor scaled(const data::Dataset& dataset, const Tensor& rows) {
  Tensor x = dataset.examples.rows(rows).to(at::kDouble);
  if (dataset.kind != data::Kind::kCounts) return x;
  return at::log1p(x * (1e4 / x.sum(1, /*keepdim=*/true).clamp_min(1)));
}

}  // namespace

Contrast contrast(const data::Dataset& dataset, const Tensor& rows, const Tensor& assignment, int64_t clusters,
                  int64_t count) {
  int64_t width = dataset.width(), size = rows.size(0);
  Tensor sum = at::zeros({width}, at::kDouble), squares = at::zeros({width}, at::kDouble);
  Tensor cluster_sums = at::zeros({clusters + 1, width}, at::kDouble);  // the last: examples of no cluster
  Tensor slots = assignment.where(assignment.ge(0), at::full_like(assignment, clusters));
  for (int64_t first = 0; first < size; first += kContrastBlock) {
    int64_t length = std::min(kContrastBlock, size - first);
    Tensor x = scaled(dataset, rows.narrow(0, first, length));
    sum += x.sum(0);
    squares += x.square().sum(0);
    cluster_sums.index_add_(0, slots.narrow(0, first, length), x);
  }
  Tensor mean = sum / static_cast<double>(size);
  Tensor deviation = (squares / static_cast<double>(size) - mean.square()).clamp_min(0).sqrt();
  Tensor members = at::bincount(slots, {}, clusters + 1).narrow(0, 0, clusters).unsqueeze(1);
  Tensor difference = (cluster_sums.narrow(0, 0, clusters) / members.clamp_min(1) - mean) / deviation;
  // What one pass of sums can tell from a constant.
  Tensor meaningless = deviation.le(1e-6 * mean.abs()).logical_or(members.eq(0));

  Contrast result;
  result.difference = difference.masked_fill(meaningless, 0);
  bool upwards = dataset.kind == data::Kind::kCounts || dataset.kind == data::Kind::kText;
  Tensor score = upwards ? result.difference : result.difference.abs();
  result.top = score.argsort(/*stable=*/true, 1, /*descending=*/true).narrow(1, 0, std::min(count, width)).contiguous();
  return result;
}

std::string contrast_scale(data::Kind kind) {
  return kind == data::Kind::kCounts ? "log(1 + count per 10 000 of the row)" : "values as stored";
}

std::string feature_name(const data::Dataset& dataset, int64_t feature) {
  if (dataset.feature_names.empty()) return fmt::format("feature {}", feature);
  return dataset.feature_names[static_cast<size_t>(feature)];
}

}  // namespace cleave::analysis
