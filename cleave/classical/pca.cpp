#include "cleave/classical/pca.h"

#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/base/threads.h"
#include "cleave/classical/leading_eigenpairs.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

namespace {

constexpr int64_t kPanel = 128;       // columns
constexpr int64_t kMostParts = 8;     // of the rows: to add up more takes longer than it saves
constexpr double kDecomposed = 1e10;  // operations, up to a factor, that a decomposition as a whole may cost

/// sum_i (x_i - mean)(x_i - mean)^T, [X, X] float64. Differences and products within a block are in the type of the
/// data, the sum over blocks is float64. Of the symmetric product only panels on and above the diagonal are computed.
Tensor scatter(const Tensor& x, const Tensor& mean) {
  const int64_t n = x.size(0), width = x.size(1), count = std::min(kMostParts, part_count(n, width * width));
  Tensor parts = at::zeros({count, width, width}, at::kDouble);
  const Tensor origin = mean.to(x.scalar_type());
  for_each_block(n, count, /*block=*/2048, [&](int64_t part, RowRange rows) {
    Tensor y = x.slice(0, rows.first, rows.last) - origin;
    for (int64_t first = 0; first < width; first += kPanel) {
      const int64_t last = std::min(first + kPanel, width);
      parts[part].slice(0, first, last).slice(1, first) += y.slice(1, first, last).t().mm(y.slice(1, first));
    }
  });
  const Tensor rounding = mean - origin.to(at::kDouble);  // the products are about the rounded mean
  Tensor upper = parts.sum(0).triu() - static_cast<double>(n) * rounding.outer(rounding).triu();
  return upper + upper.triu(1).t();
}

/// sum_i (x_i - mean)(x_i - mean)^T v of v [X, B], float64, without the matrix. The rows are made float64 block by
/// block.
Tensor scatter_times(const Tensor& x, const Tensor& mean, const Tensor& v) {
  const int64_t n = x.size(0), count = std::min(kMostParts, part_count(n, v.numel()));
  Tensor parts = at::zeros({count, v.size(0), v.size(1)}, at::kDouble);
  for_each_block(n, count, /*block=*/256, [&](int64_t part, RowRange rows) {
    const Tensor y = x.slice(0, rows.first, rows.last).to(at::kDouble) - mean;
    parts[part].addmm_(y.t(), y.mm(v));
  });
  return parts.sum(0);
}

/// sum_i |x_i - mean|^2.
double total_scatter(const Tensor& x, const Tensor& mean) {
  const int64_t count = part_count(x.size(0));
  Tensor parts = at::zeros({count}, at::kDouble);
  for_each_block(x.size(0), count, /*block=*/256, [&](int64_t part, RowRange rows) {
    parts[part] += (x.slice(0, rows.first, rows.last).to(at::kDouble) - mean).square().sum();
  });
  return parts.sum().item<double>();
}

/// The few first components of wide data, whose scatter is too large to decompose; nothing when that would be as fast.
std::optional<Eigenpairs> few_of_many(const Tensor& x, const Tensor& mean, int64_t dimensions) {
  const double n = static_cast<double>(x.size(0)), width = static_cast<double>(x.size(1));
  const double least = std::min(n, width);
  const bool worth = least * least * width > kDecomposed && static_cast<double>(dimensions) * 8 < least;
  if (!worth) return std::nullopt;
  return leading_eigenpairs([&](const Tensor& v) { return scatter_times(x, mean, v); }, x.size(1), dimensions);
}

/// Rows with the sign that makes their entry of largest magnitude positive.
Tensor with_fixed_signs(const Tensor& rows) {
  Tensor largest = rows.gather(1, rows.abs().argmax(1, /*keepdim=*/true));
  return at::where(largest < 0, -rows, rows);
}

}  // namespace

Tensor Pca::transform(const Tensor& x) const {
  Tensor rows = x.to(mean.scalar_type());
  Tensor codes = at::empty({x.size(0), components.size(0)}, mean.options());
  for_each_block(x.size(0), /*block=*/1024, [&](RowRange block) {
    codes.slice(0, block.first, block.last).copy_((rows.slice(0, block.first, block.last) - mean).mm(components.t()));
  });
  return codes;
}
Tensor Pca::inverse(const Tensor& z) const {
  return at::addmm(mean, z.to(mean.scalar_type()), components);
}

Pca fit_pca(const Tensor& data, int64_t dimensions) {
  Tensor x = checked_matrix(data, "pca");
  const int64_t n = x.size(0), width = x.size(1);
  require<ArgumentError>(dimensions >= 1 && dimensions <= std::min(n, width),
                         "pca: {} components asked of {} examples of {} features; ask for 1 to {}", dimensions, n,
                         width, std::min(n, width));
  Tensor mean = column_means(x);
  require<DataError>(at::isfinite(mean).all().item<bool>(), "pca: the data hold values that are not finite");

  Tensor variances, components;
  double total = 0;  // of the squared differences from the mean
  if (auto few = few_of_many(x, mean, dimensions)) {
    variances = few->values;
    components = few->vectors.t();
    total = total_scatter(x, mean);
  } else if (n > width) {
    Tensor scattered = scatter(x, mean);
    ThreadScope alone(1);                                 // LAPACK rounds differently for another number of threads
    auto [values, vectors] = at::linalg_eigh(scattered);  // rising
    variances = values.clamp_min(0).flip(0);
    components = vectors.t().flip(0);
    total = variances.sum().item<double>();
  } else {
    ThreadScope alone(1);  // LAPACK rounds differently for another number of threads
    auto [left, singular, right] = at::linalg_svd(x.to(at::kDouble) - mean, /*full_matrices=*/false);
    variances = singular.square();
    components = right;
    total = variances.sum().item<double>();
  }
  const auto freedom = static_cast<double>(std::max<int64_t>(n - 1, 1));
  Pca result;
  result.mean = mean.to(x.scalar_type());
  result.components = with_fixed_signs(components.slice(0, 0, dimensions)).to(x.scalar_type()).contiguous();
  result.explained_variance = (variances.slice(0, 0, dimensions) / freedom).to(x.scalar_type());
  result.total_variance = total / freedom;
  return result;
}

Tensor reduced_to(const Tensor& x, int64_t most) {
  const int64_t columns = std::min({most, x.size(0), x.size(1)});
  return columns > 0 && columns < x.size(1) ? fit_pca(x, columns).transform(x) : x;
}

}  // namespace cleave::classical
