#include "cleave/classical/affinities.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <ATen/Dispatch.h>

#include "cleave/base/error.h"
#include "cleave/classical/fixed_blocks.h"
#include "cleave/classical/lanes.h"
#include "cleave/classical/nearest.h"
#include "cleave/classical/neighbour_graph.h"

namespace cleave::classical {

namespace {

constexpr int64_t kAffinityRows = 256;  // per block
constexpr int64_t kMostForAll = 3000;   // examples of which all pairs are kept

/// A Gaussian's weights on one row of distances.
struct Row {
  double entropy = 0;  ///< nats
  double spread = 0;   ///< b^2 * variance of d^2 = -d entropy / d log b
};

/// Fills p with exp(-b s_j) / sum, where s are squared distances less the smallest.
Row weigh(const double* s, int64_t k, double precision, double* p) {
  double total = 0, first = 0, second = 0;
  for (int64_t j = 0; j < k; ++j) {
    double scaled = precision * s[j];
    double weight = scaled < 745 ? std::exp(-scaled) : 0;  // beyond, it is 0, and inf * 0 must not be
    p[j] = weight;
    total += weight;
    if (weight > 0) first += weight * scaled, second += weight * scaled * scaled;
  }
  for (int64_t j = 0; j < k; ++j)
    p[j] /= total;
  first /= total;
  return {std::log(total) + first, std::max(second / total - first * first, 0.0)};
}

/// The precision at which the entropy of the row is `wanted`: Newton's steps in log b, inside a bracket that shrinks.
double search_precision(const double* s, int64_t k, double wanted, double* p, double& entropy) {
  constexpr double kTolerance = 1e-11;  // nats
  double mean = std::accumulate(s, s + k, 0.0) / static_cast<double>(k);
  double precision = mean > 0 ? 1 / mean : 1;
  double low = 0, high = std::numeric_limits<double>::infinity();
  for (int step = 0; step < 200; ++step) {
    Row row = weigh(s, k, precision, p);
    entropy = row.entropy;
    double excess = entropy - wanted;
    if (std::abs(excess) <= kTolerance || mean == 0) break;
    (excess > 0 ? low : high) = precision;
    double next = precision * std::exp(std::clamp(excess / row.spread, -2.0, 2.0));
    if (!(next > low && next < high)) next = std::isinf(high) ? 2 * precision : (low + high) / 2;
    if (next == precision || std::isinf(next)) break;
    precision = next;
  }
  return precision;
}

/// The other examples of each of N, by index, [N, N - 1], and their squared distances.
Neighbours all_others(const Tensor& x) {
  const int64_t n = x.size(0);
  Tensor others = at::arange(n - 1).unsqueeze(0).repeat({n, 1});
  others += (others >= at::arange(n).unsqueeze(1)).to(at::kLong);
  Tensor rows = x.to(at::kDouble);
  Tensor distances = at::cdist(rows, rows, 2.0, /*compute_mode=*/2);  // differences, no matrix product
  return {others, distances.gather(1, others)};
}

template <class T>
double entropy_of(const Tensor& values) {
  const T* value = values.const_data_ptr<T>();
  double sum = 0;
  for (int64_t e = 0; e < values.size(0); ++e) {
    double p = value[e];
    if (p > 0) sum -= p * std::log(p);
  }
  return sum;
}

}  // namespace

Conditionals conditionals(const Tensor& squared_distances, double perplexity) {
  Tensor squares = checked_matrix(squared_distances, "perplexity").to(at::kDouble);
  const int64_t n = squares.size(0), k = squares.size(1);
  require<ArgumentError>(perplexity >= 1 && (perplexity < static_cast<double>(k) || (perplexity == 1 && k == 1)),
                         "perplexity: {} asked of {} neighbours; it must be at least 1 and below their number",
                         perplexity, k);
  require<DataError>(at::isfinite(squares).all().item<bool>(), "perplexity: distances are not finite");
  Conditionals result{at::empty({n, k}, at::kDouble), at::empty({n}, at::kDouble), at::empty({n}, at::kDouble)};
  const auto* square = squares.const_data_ptr<double>();
  auto* probability = result.probabilities.data_ptr<double>();
  auto* precision = result.precisions.data_ptr<double>();
  auto* entropy = result.entropies.data_ptr<double>();
  for_fixed_blocks(n, kAffinityRows, [&](int64_t, RowRange rows) {
    std::vector<double> above(static_cast<size_t>(k));
    for (int64_t i = rows.first; i < rows.last; ++i) {
      const double* row = square + i * k;
      double least = *std::min_element(row, row + k);
      std::transform(row, row + k, above.begin(), [&](double d) { return d - least; });
      precision[i] = search_precision(above.data(), k, std::log(perplexity), probability + i * k, entropy[i]);
    }
  });
  return result;
}

SparseRows joint_probabilities(const Tensor& indices, const Tensor& probabilities, at::ScalarType type) {
  const double both = 2 * static_cast<double>(indices.size(0));
  return symmetrised(indices, probabilities, type, [&](double there, double back) { return (there + back) / both; });
}

double largest_perplexity(int64_t examples) {
  return static_cast<double>(examples - 1) / 3;
}

Affinities affinities(const Tensor& data, double perplexity, Reach reach, const Randomness& random,
                      const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "affinities");
  const int64_t n = x.size(0);
  require<ArgumentError>(n >= 4, "a map of {} examples makes no sense: give at least 4", n);
  require<ArgumentError>(perplexity >= 1 && perplexity <= largest_perplexity(n),
                         "perplexity {:g} is too {} for {} examples: give 1 to {:g}", perplexity,
                         perplexity < 1 ? "small" : "large", n, std::floor(100 * largest_perplexity(n)) / 100);
  require<DataError>(at::isfinite(x).all().item<bool>(), "a map needs finite values: some are NaN or infinite");
  Neighbours near;
  if (reach == Reach::kAll && n <= kMostForAll) {
    near = all_others(x);
  } else {
    auto k = std::min(n - 1, static_cast<int64_t>(3 * perplexity));
    near = nearest_others(x, k, random, should_stop);
  }
  Conditionals rows = conditionals(near.distances.square(), perplexity);
  Affinities result;
  result.joint = joint_probabilities(near.indices, rows.probabilities, x.scalar_type());
  result.row_entropy = ordered_sum(rows.entropies) / static_cast<double>(n);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "entropy",
                             [&] { result.entropy = entropy_of<scalar_t>(result.joint.values); });
  return result;
}

}  // namespace cleave::classical
