// A mixture of Gaussians, fitted by expectation maximisation in log space.
//
// Source  Dempster, Laird, Rubin. Maximum likelihood from incomplete data via the EM algorithm. JRSS B 1977.
// Axes    N examples, D dimensions, K components.
//
// Parameters and all arithmetic are float64 whatever the data: a variance of 1e-6 beside a pixel of 1 is beyond
// float32.
#pragma once

#include <cstdint>
#include <limits>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

enum class Covariance { kDiagonal, kFull };

struct GaussianMixture {
  Tensor log_weights;  ///< [K] float64, log pi_k
  Tensor means;        ///< [K, D] float64
  Tensor covariances;  ///< [K, D] float64 variances, or [K, D, D] full

  bool diagonal() const { return covariances.dim() == 2; }

  /// log pi_k + log N(x_i | m_k, S_k), nats, [N, K] float64, for x [N, D].
  /// Throws NumericalError when a covariance is not positive definite.
  Tensor log_prob_components(const Tensor& x) const;

  Tensor responsibilities(const Tensor& x) const;  ///< p(k | x_i), [N, K] float64
  Tensor log_likelihood(const Tensor& x) const;    ///< log p(x_i), nats, [N] float64
};

/// One iteration: how likely the data are under the given mixture, and the mixture that follows from it.
struct EmStep {
  double log_likelihood = 0;  ///< mean over the examples, nats, under the mixture that went in
  GaussianMixture mixture;
  Tensor totals;  ///< [K] float64, examples that each component answers for
};

/// One pass over x. No variance falls below `variance_floor` in any direction: that bounds the maximisation instead of
/// blurring its result, so the log-likelihood never falls once the mixture that goes in respects the floor. A component
/// whose total is below 1e-10 has died: it keeps its shape, with next to no weight.
/// Throws NumericalError when a component has collapsed (which a floor above 0 prevents) or data are not finite.
EmStep em_step(const Tensor& x, const GaussianMixture& mixture, double variance_floor);

struct GaussianMixtureOptions {
  int64_t components = 10;
  Covariance covariance = Covariance::kDiagonal;
  int64_t restarts = 1;          ///< fits from different k-means clusterings; the likeliest is kept
  int64_t max_iterations = 100;  ///< per restart
  double tolerance = 1e-3;       ///< stop when the mean log-likelihood gains less than this, nats
  double variance_floor = 1e-6;
};

/// The mixture of the clusters `labels`, [N] int64 in [0, K), of x: a start of EM. An empty one has next to no weight.
GaussianMixture mixture_from_labels(const Tensor& x, const Tensor& labels, const GaussianMixtureOptions& options);

/// The mixture of the clusters that one run of k-means finds: the start of EM.
/// Throws ArgumentError when K > N, DataError when the data are not finite, Interrupted.
GaussianMixture mixture_from_kmeans(const Tensor& x, const GaussianMixtureOptions& options, const Randomness& random,
                                    const ShouldStop& should_stop = {});

/// Everything that one iteration leaves to the next. A fit stopped after any iteration goes on from here.
struct GaussianMixtureProgress {
  int64_t restart = 0;
  int64_t iteration = 0;    ///< within the restart
  GaussianMixture mixture;  ///< undefined tensors before the first iteration of a restart
  double log_likelihood = -std::numeric_limits<double>::infinity();  ///< mean, before the latest update of `mixture`
  GaussianMixture best;                                              ///< of the finished restarts
  double best_log_likelihood = -std::numeric_limits<double>::infinity();
  int64_t best_restart = -1;
  bool finished = false;
};

/// One iteration of the current restart, which starts with k-means. Depends on nothing but its arguments; when it
/// throws, progress is as it was. Throws as mixture_from_kmeans() and em_step() do.
void mixture_iteration(const Tensor& x, const GaussianMixtureOptions& options, const Randomness& random,
                       GaussianMixtureProgress& progress, const ShouldStop& should_stop = {});

struct GaussianMixtureResult {
  GaussianMixture mixture;
  double log_likelihood = 0;  ///< mean over the examples, nats, before the last update
  int64_t best_restart = 0;
  int64_t iterations = 0;  ///< of all restarts together

  /// Bayesian information criterion, -2 log-likelihood + parameters log(examples), of a fit to so many: the smaller the
  /// better (Schwarz. Estimating the dimension of a model. Annals of Statistics 1978).
  double bic(int64_t examples) const;
};

/// The whole fit. Throws as mixture_iteration() does.
GaussianMixtureResult fit_gaussian_mixture(const Tensor& x, const GaussianMixtureOptions& options,
                                           const Randomness& random, const ShouldStop& should_stop = {});

}  // namespace cleave::classical
