#include "cleave/classical/gaussian_mixture.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <tuple>
#include <utility>
#include <vector>

#include "cleave/base/error.h"
#include "cleave/base/threads.h"
#include "cleave/classical/kmeans.h"
#include "cleave/classical/lanes.h"

namespace cleave::classical {

namespace {

constexpr double kDead = 1e-10;  // examples: a component that answers for fewer has died

[[noreturn]] void collapsed(int64_t component) {
  throw NumericalError(fmt::format(
      "gaussian mixture: component {} has no spread left in some direction; raise the variance floor above 0",
      component));
}

/// The densities of a mixture, prepared for many blocks of examples.
class Densities {
 public:
  explicit Densities(const GaussianMixture& mixture)
      : diagonal_(mixture.diagonal()), origin_((mixture.means * mixture.log_weights.exp().unsqueeze(1)).sum(0)) {
    means_ = mixture.means - origin_;
    Tensor log_determinant;
    if (diagonal_) {
      precision_ = mixture.covariances.reciprocal();
      log_determinant = mixture.covariances.log().sum(1);
    } else {
      ThreadScope alone(1);  // LAPACK rounds differently for another number of threads
      auto [factor, info] = at::linalg_cholesky_ex(mixture.covariances);
      if (Tensor failed = info.nonzero(); failed.numel() > 0) collapsed(failed[0].item<int64_t>());
      Tensor identity = at::eye(means_.size(1), means_.options());
      precision_ = at::linalg_solve_triangular(factor, identity, /*upper=*/false).mT().contiguous();  // L^-T
      log_determinant = 2 * factor.diagonal(0, -2, -1).log().sum(1);
    }
    auto dimensions = static_cast<double>(means_.size(1));
    constant_ = mixture.log_weights - 0.5 * (dimensions * std::log(2 * std::numbers::pi) + log_determinant);
  }

  /// A block of examples about the centre of the mixture, which keeps digits of data far from the origin.
  Tensor centred(const Tensor& x) const { return x.to(at::kDouble) - origin_; }

  /// log pi_k + log N, [B, K], of centred examples y [B, D].
  Tensor log_prob(const Tensor& y) const { return constant_ - 0.5 * (diagonal_ ? diagonal_form(y) : full_form(y)); }

  const Tensor& origin() const { return origin_; }

 private:
  // (y - m)^T S^-1 (y - m), [B, K].
  Tensor diagonal_form(const Tensor& y) const {
    Tensor scaled = means_ * precision_;
    return y.square().mm(precision_.t()) - 2 * y.mm(scaled.t()) + (means_ * scaled).sum(1);
  }
  Tensor full_form(const Tensor& y) const {
    Tensor result = at::empty({y.size(0), means_.size(0)}, y.options());
    for (int64_t k = 0; k < means_.size(0); ++k) {
      result.select(1, k).copy_((y - means_[k]).mm(precision_[k]).square().sum(1));
    }
    return result;
  }

  bool diagonal_;
  Tensor origin_;     ///< [D], the mean of the mixture
  Tensor means_;      ///< [K, D] about the origin
  Tensor precision_;  ///< [K, D] 1 / variance, or [K, D, D] with precision_ precision_^T = S^-1
  Tensor constant_;   ///< [K] log pi - (D log 2 pi + log |S|) / 2
};

/// Weighted sums of the examples, about an origin: all that the maximisation needs.
class Moments {
 public:
  Moments(int64_t rows, const GaussianMixture& like) : parts_(part_count(rows, like.covariances.numel())) {
    auto shape = [&](const Tensor& tensor) {
      std::vector<int64_t> sizes = tensor.sizes().vec();
      sizes.insert(sizes.begin(), parts_);
      return at::zeros(sizes, at::kDouble);
    };
    total_ = shape(like.log_weights);
    first_ = shape(like.means);
    second_ = shape(like.covariances);
  }

  /// Parts of the rows that may be added at the same time.
  int64_t parts() const { return parts_; }

  /// Adds y [B, D] with responsibilities r [B, K].
  void add(int64_t part, const Tensor& y, const Tensor& r) {
    total_[part] += r.sum(0);
    first_[part] += r.t().mm(y);
    Tensor second = second_[part];
    if (second.dim() == 2) {
      second += r.t().mm(y.square());
    } else {
      for (int64_t k = 0; k < r.size(1); ++k)
        second[k] += (y * r.slice(1, k, k + 1)).t().mm(y);
    }
  }

  /// The likeliest mixture under these sums with no variance below the floor. Dead components keep `previous`.
  std::pair<GaussianMixture, Tensor> maximise(const Tensor& origin, const GaussianMixture& previous,
                                              double floor) const;

 private:
  int64_t parts_;
  Tensor total_, first_, second_;  ///< [parts, K], [parts, K, D], [parts, K, D] or [parts, K, D, D]
};

/// Covariances [K, D, D] with eigenvalues below the floor raised to it, or to what rounding leaves of the largest.
Tensor floored(const Tensor& covariances, double floor) {
  ThreadScope alone(1);  // LAPACK rounds differently for another number of threads
  Tensor shifted = covariances - floor * at::eye(covariances.size(1), covariances.options());
  Tensor below = std::get<1>(at::linalg_cholesky_ex(shifted)).nonzero().flatten();
  if (below.numel() == 0) return covariances;
  auto [values, vectors] = at::linalg_eigh(covariances.index_select(0, below));
  const double rounding = 4 * static_cast<double>(values.size(1)) * std::numeric_limits<double>::epsilon();
  Tensor least = (values.amax(1, /*keepdim=*/true) * rounding).clamp_min(floor);
  Tensor raised = (vectors * at::maximum(values, least).unsqueeze(1)).matmul(vectors.mT());
  return covariances.index_copy(0, below, raised);
}

std::pair<GaussianMixture, Tensor> Moments::maximise(const Tensor& origin, const GaussianMixture& previous,
                                                     double floor) const {
  Tensor totals = total_.sum(0);
  Tensor alive = (totals > kDead).unsqueeze(1);
  Tensor divisor = totals.clamp_min(kDead).unsqueeze(1);
  Tensor means = first_.sum(0) / divisor;  // about the origin
  Tensor covariances;
  if (previous.diagonal()) {
    covariances = (second_.sum(0) / divisor - means.square()).clamp_min(floor);
    covariances = at::where(alive, covariances, previous.covariances);
  } else {
    covariances = second_.sum(0) / divisor.unsqueeze(2) - means.unsqueeze(2) * means.unsqueeze(1);
    covariances = (covariances + covariances.mT()) / 2;
    covariances = floored(at::where(alive.unsqueeze(2), covariances, previous.covariances), floor);
  }
  Tensor weights = totals.clamp_min(kDead);
  GaussianMixture mixture{(weights / weights.sum()).log(), at::where(alive, means + origin, previous.means),
                          covariances};
  return {std::move(mixture), totals};
}

/// An expectation step over all examples: calls visit(part, block, y, log_prob) for each block.
template <class Visit>
void expect(const Tensor& x, const Densities& densities, int64_t components, int64_t parts, const Visit& visit) {
  int64_t block = block_rows(std::max(x.size(1), components));
  for_each_block(x.size(0), parts, block, [&](int64_t part, RowRange rows) {
    Tensor y = densities.centred(x.slice(0, rows.first, rows.last));
    visit(part, rows, y, densities.log_prob(y));
  });
}

/// The mixture of the clusters `labels` [N]; an empty one has its row of `centres` [K, D] and the spread of all the
/// data.
GaussianMixture mixture_of_members(const Tensor& x, const Tensor& labels, const Tensor& centres,
                                   const GaussianMixtureOptions& options) {
  GaussianMixture broad;
  broad.log_weights = at::full({options.components}, -std::log(static_cast<double>(options.components)), at::kDouble);
  broad.means = centres;
  Tensor spread = x.var(/*dim=*/0, /*unbiased=*/false).to(at::kDouble).clamp_min(options.variance_floor);
  if (options.covariance == Covariance::kFull) spread = spread.diag();
  std::vector<int64_t> shape = spread.sizes().vec();
  shape.insert(shape.begin(), options.components);
  broad.covariances = spread.expand(shape).contiguous();

  Moments moments(x.size(0), broad);
  Tensor origin = broad.means.mean(0);
  int64_t block = block_rows(std::max(x.size(1), options.components));
  for_each_block(x.size(0), moments.parts(), block, [&](int64_t part, RowRange rows) {
    Tensor members = at::one_hot(labels.slice(0, rows.first, rows.last), options.components);
    moments.add(part, x.slice(0, rows.first, rows.last).to(at::kDouble) - origin, members.to(at::kDouble));
  });
  return moments.maximise(origin, broad, options.variance_floor).first;
}

}  // namespace

Tensor GaussianMixture::log_prob_components(const Tensor& data) const {
  Tensor x = checked_matrix(data, "gaussian mixture");
  require<ArgumentError>(x.size(1) == means.size(1), "gaussian mixture: the data have {} columns, the mixture {}",
                         x.size(1), means.size(1));
  Tensor result = at::empty({x.size(0), means.size(0)}, at::kDouble);
  expect(x, Densities(*this), means.size(0), part_count(x.size(0)),
         [&](int64_t, RowRange rows, const Tensor&, const Tensor& log_prob) {
           result.slice(0, rows.first, rows.last).copy_(log_prob);
         });
  return result;
}

Tensor GaussianMixture::responsibilities(const Tensor& x) const {
  return log_prob_components(x).softmax(1);
}
Tensor GaussianMixture::log_likelihood(const Tensor& x) const {
  return log_prob_components(x).logsumexp(1);
}

EmStep em_step(const Tensor& data, const GaussianMixture& mixture, double variance_floor) {
  Tensor x = checked_matrix(data, "gaussian mixture");
  require<ArgumentError>(x.size(1) == mixture.means.size(1),
                         "gaussian mixture: the data have {} columns, the mixture {}", x.size(1),
                         mixture.means.size(1));
  Moments moments(x.size(0), mixture);
  Tensor log_likelihood = at::zeros({moments.parts()}, at::kDouble);
  Densities densities(mixture);
  expect(x, densities, mixture.means.size(0), moments.parts(),
         [&](int64_t part, RowRange, const Tensor& y, const Tensor& log_prob) {
           Tensor log_evidence = log_prob.logsumexp(1, /*keepdim=*/true);
           moments.add(part, y, (log_prob - log_evidence).exp());
           log_likelihood[part] += log_evidence.sum();
         });
  EmStep step;
  step.log_likelihood = ordered_sum(log_likelihood) / static_cast<double>(x.size(0));
  require<NumericalError>(
      std::isfinite(step.log_likelihood),
      "gaussian mixture: the log-likelihood is not finite: the data hold such values, or a component "
      "has no spread left (raise the variance floor above 0)");
  std::tie(step.mixture, step.totals) = moments.maximise(densities.origin(), mixture, variance_floor);
  return step;
}

GaussianMixture mixture_from_labels(const Tensor& data, const Tensor& labels, const GaussianMixtureOptions& options) {
  Tensor x = checked_matrix(data, "gaussian mixture");
  return mixture_of_members(x, labels, x.to(at::kDouble).mean(0).expand({options.components, x.size(1)}), options);
}

GaussianMixture mixture_from_kmeans(const Tensor& data, const GaussianMixtureOptions& options, const Randomness& random,
                                    const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "gaussian mixture");
  KMeansResult clusters =
      kmeans(x, {.clusters = options.components, .restarts = 1}, random.child("k-means"), should_stop);
  return mixture_of_members(x, clusters.assignment.labels, clusters.centres.to(at::kDouble), options);
}

void mixture_iteration(const Tensor& x, const GaussianMixtureOptions& options, const Randomness& random,
                       GaussianMixtureProgress& progress, const ShouldStop& should_stop) {
  bool first = progress.iteration == 0;
  GaussianMixture start =
      first ? mixture_from_kmeans(x, options, random.child("restart", static_cast<uint64_t>(progress.restart)),
                                  should_stop)
            : progress.mixture;
  EmStep step = em_step(x, start, options.variance_floor);
  bool settled = !first && step.log_likelihood - progress.log_likelihood < options.tolerance;
  progress.mixture = step.mixture;
  progress.log_likelihood = step.log_likelihood;
  if (++progress.iteration < options.max_iterations && !settled) return;

  if (progress.log_likelihood > progress.best_log_likelihood) {
    progress.best_log_likelihood = progress.log_likelihood;
    progress.best_restart = progress.restart;
    progress.best = progress.mixture;
  }
  progress.iteration = 0;
  progress.finished = ++progress.restart == options.restarts;
}

GaussianMixtureResult fit_gaussian_mixture(const Tensor& x, const GaussianMixtureOptions& options,
                                           const Randomness& random, const ShouldStop& should_stop) {
  require<ArgumentError>(options.restarts >= 1 && options.max_iterations >= 1,
                         "gaussian mixture: restarts and iterations must be at least 1");
  GaussianMixtureProgress progress;
  int64_t iterations = 0;
  for (; !progress.finished; ++iterations) {
    stop_if_asked(should_stop, "gaussian mixture");
    mixture_iteration(x, options, random, progress, should_stop);
  }
  return {progress.best, progress.best_log_likelihood, progress.best_restart, iterations};
}

double GaussianMixtureResult::bic(int64_t examples) const {
  const auto n = static_cast<double>(examples), k = static_cast<double>(mixture.means.size(0)),
             width = static_cast<double>(mixture.means.size(1));
  const double shape = mixture.diagonal() ? width : width * (width + 1) / 2;
  const double parameters = k - 1 + k * (width + shape);
  return parameters * std::log(n) - 2 * n * log_likelihood;
}

}  // namespace cleave::classical
