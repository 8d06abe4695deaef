#include "cleave/analysis/plane.h"

#include <algorithm>

#include "cleave/analysis/answers.h"
#include "cleave/base/error.h"
#include "cleave/classical/pca.h"

namespace cleave::analysis {
namespace {

// Beyond so many dimensions the axes come from fewer rows: their cost grows with the smaller count squared.
constexpr int64_t kWide = 2000, kRowsWhenWide = 500;

}  // namespace

Plane principal_plane(const Tensor& rows) {
  require<ArgumentError>(rows.dim() == 2 && rows.numel() > 0, "[principal plane] rows must be [N, R] and not empty");
  Tensor x = rows.to(at::kDouble);
  Tensor fitted_on = x.size(1) > kWide ? x.index_select(0, stratified_rows(x.size(0), kRowsWhenWide)) : x;
  int64_t shown = std::min<int64_t>({2, x.size(0), x.size(1)});
  classical::Pca pca = classical::fit_pca(fitted_on, shown);
  Tensor shares = (pca.explained_variance / std::max(pca.total_variance, 1e-300)).to(at::kDouble);
  auto padded = [&](const Tensor& values) { return at::constant_pad_nd(values, {0, 2 - shown}); };
  return {padded(pca.transform(x)), padded(shares)};
}

}  // namespace cleave::analysis
