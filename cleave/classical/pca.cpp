#include "cleave/classical/pca.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "cleave/base/error.h"
#include "cleave/base/threads.h"
#include "cleave/classical/leading_eigenpairs.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

namespace {

constexpr int64_t kPanel = 128;        // columns
constexpr int64_t kMostParts = 8;      // of the rows: to add up more takes longer than it saves
constexpr int64_t kDecomposed = 1000;  // side of a matrix that is decomposed as a whole, at a second or less
constexpr int64_t kHeld = 4096;        // side of a matrix that is computed at all

/// sum_i y_i y_i^T of rows y_i of length `width`, [width, width] float64; y(rows) gives some of them. Products within a
/// block are in the type of y, the sum over blocks is float64. Only panels on and above the diagonal are computed.
Tensor sum_of_products(int64_t count, int64_t width, const std::function<Tensor(RowRange)>& y) {
  const int64_t part_number = std::min(kMostParts, part_count(count, width * width));
  Tensor parts = at::zeros({part_number, width, width}, at::kDouble);
  for_each_block(count, part_number, /*block=*/2048, [&](int64_t part, RowRange rows) {
    const Tensor block = y(rows);
    for (int64_t first = 0; first < width; first += kPanel) {
      const int64_t last = std::min(first + kPanel, width);
      parts[part].slice(0, first, last).slice(1, first) += block.slice(1, first, last).t().mm(block.slice(1, first));
    }
  });
  const Tensor upper = parts.sum(0).triu();
  return upper + upper.triu(1).t();
}

/// sum_i (x_i - mean)(x_i - mean)^T, [X, X] float64.
Tensor scatter(const Tensor& x, const Tensor& mean) {
  const Tensor origin = mean.to(x.scalar_type());
  const Tensor rounding = mean - origin.to(at::kDouble);  // the products are about the rounded mean
  return sum_of_products(x.size(0), x.size(1),
                         [&](RowRange rows) { return x.slice(0, rows.first, rows.last) - origin; }) -
         static_cast<double>(x.size(0)) * rounding.outer(rounding);
}

/// (x_i - mean)^T (x_j - mean), [N, N] float64.
Tensor gram(const Tensor& x, const Tensor& mean) {
  const Tensor origin = mean.to(x.scalar_type());
  const Tensor about_origin = sum_of_products(x.size(1), x.size(0), [&](RowRange columns) {
    return (x.slice(1, columns.first, columns.last) - origin.slice(0, columns.first, columns.last)).t();
  });
  return about_origin - about_origin.mean(0) - about_origin.mean(1, true) + about_origin.mean();
}

/// A sum over the rows of x, made float64 about the mean block by block, of what `term` makes of each block y [B, X].
Tensor sum_over_rows(const Tensor& x, const Tensor& mean, const std::vector<int64_t>& shape,
                     const std::function<Tensor(const Tensor& y, RowRange rows)>& term) {
  const int64_t count = std::min(kMostParts, part_count(x.size(0), c10::multiply_integers(shape)));
  std::vector<int64_t> shapes = shape;
  shapes.insert(shapes.begin(), count);
  Tensor parts = at::zeros(shapes, at::kDouble);
  for_each_block(x.size(0), count, /*block=*/256, [&](int64_t part, RowRange rows) {
    parts[part] += term(x.slice(0, rows.first, rows.last).to(at::kDouble) - mean, rows);
  });
  return parts.sum(0);
}

/// The few first components of data of thousands of columns and rows, without decomposing the scatter as a whole;
/// nothing where that is as good.
std::optional<Eigenpairs> few_of_many(const Tensor& x, const Tensor& mean, int64_t dimensions) {
  const int64_t n = x.size(0), width = x.size(1), least = std::min(n, width);
  if (least <= kDecomposed || dimensions * 8 > least) return std::nullopt;
  const Tensor held = least > kHeld ? Tensor() : n > width ? scatter(x, mean) : gram(x, mean);
  auto times_held = [&](const Tensor& v) {
    ThreadScope alone(1);
    return held.mm(v);
  };
  auto times_scatter = [&](const Tensor& v) {
    return sum_over_rows(x, mean, v.sizes().vec(), [&](const Tensor& y, RowRange) { return y.t().mm(y.mm(v)); });
  };
  if (!held.defined()) return leading_eigenpairs(times_scatter, width, dimensions);
  auto found = leading_eigenpairs(times_held, least, dimensions);
  if (!found || n > width) return found;
  // u, an eigenvector of y y^T, makes y^T u one of y^T y.
  const Tensor u = found->vectors;
  const Tensor vectors = sum_over_rows(x, mean, {width, dimensions}, [&](const Tensor& y, RowRange rows) {
    return y.t().mm(u.slice(0, rows.first, rows.last));
  });
  ThreadScope alone(1);
  found->vectors = std::get<0>(at::linalg_qr(vectors));
  return found;
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
    total = sum_over_rows(x, mean, {}, [](const Tensor& y, RowRange) { return y.square().sum(); }).item<double>();
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
