// Distributions as plain values. Batch axes on the left, the event axis last; every log-density is in nats and summed
// over the event axis. Parameter names say their space: `log_variance`, `logits`, `log_probs`.
//
// Formulas: Bishop, Pattern Recognition and Machine Learning, 2006, appendix B, unless said otherwise.
#pragma once

#include <ATen/core/Generator.h>

#include "cleave/base/tensor.h"

namespace cleave::probability {

/// Normal with independent dimensions.
struct DiagonalNormal {
  Tensor mean;          ///< [..., D]
  Tensor log_variance;  ///< broadcasts with mean

  Tensor log_prob(const Tensor& x) const;         ///< [...]
  Tensor rsample(at::Generator generator) const;  ///< mean + sd * noise: gradients flow through it
  Tensor entropy() const;                         ///< [...]
};

/// One of K classes.
struct Categorical {
  Tensor log_probs;  ///< [..., K], normalised

  static Categorical from_logits(const Tensor& logits);
  static Categorical uniform(int64_t classes, const at::TensorOptions& options);
  Tensor probs() const { return log_probs.exp(); }
  Tensor log_prob(const Tensor& y) const;        ///< y [...] int64 -> [...]
  Tensor sample(at::Generator generator) const;  ///< [...] int64
  /// Shares of the classes near one corner, [..., K], the nearer the lower the temperature; gradients flow through
  /// them. Source: Jang, Gu, Poole. Categorical reparameterization with Gumbel-softmax. ICLR 2017; Maddison, Mnih, Teh.
  /// The concrete distribution. ICLR 2017.
  Tensor rsample_relaxed(double temperature, at::Generator generator) const;
  Tensor entropy() const;  ///< [...]
};

/// Laplace with independent dimensions: exp(-|x - mean| / b) / 2b.
struct Laplace {
  Tensor mean;       ///< [..., X]
  Tensor log_scale;  ///< log b, broadcasts with mean

  Tensor log_prob(const Tensor& x) const;  ///< [...]
};

/// Independent zeros and ones. Values between 0 and 1 are allowed: then log_prob is minus the cross-entropy.
struct Bernoulli {
  Tensor logits;  ///< [..., X]

  Tensor log_prob(const Tensor& x) const;  ///< [...]
  Tensor mean() const { return at::sigmoid(logits); }
};

/// Independent counts with variance mean + mean^2 / dispersion (Hilbe, Negative Binomial Regression, 2011, NB2).
struct NegativeBinomial {
  Tensor log_mean;        ///< [..., X]
  Tensor log_dispersion;  ///< broadcasts with log_mean

  Tensor log_prob(const Tensor& x) const;  ///< x >= 0 -> [...]
  Tensor mean() const { return log_mean.exp(); }
};

/// A mixture of K diagonal normals.
struct NormalMixture {
  Categorical weights;        ///< [K]
  DiagonalNormal components;  ///< [K, D]

  Tensor log_joint(const Tensor& x) const;       ///< log pi_k + log N_k(x): x [..., D] -> [..., K]
  Tensor log_prob(const Tensor& x) const;        ///< [...]
  Categorical posterior(const Tensor& x) const;  ///< p(k | x), [..., K]
};

/// KL(q || p) in nats, summed over the event axis; parameters broadcast.
Tensor kl(const DiagonalNormal& q, const DiagonalNormal& p);
Tensor kl(const Categorical& q, const Categorical& p);

/// KL(q || N(0, I)) per dimension, [..., D].
Tensor kl_from_standard_normal(const DiagonalNormal& q);

/// KL between Bernoulli(target) and Bernoulli(mean), per unit: the sparsity penalty of sparse autoencoders (Ng 2011).
/// Both in (0, 1); mean is kept at least 1e-6 away from either end.
Tensor bernoulli_kl(double target, const Tensor& mean);

/// Importance-weighted log-evidence per example, log 1/S sum_s exp(w_s) (Burda, Grosse, Salakhutdinov 2016).
/// log_weights [S, B] = log p(x, h_s) - log q(h_s | x), nats -> [B].
Tensor importance_weighted(const Tensor& log_weights);

}  // namespace cleave::probability
