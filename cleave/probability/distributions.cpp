#include "cleave/probability/distributions.h"

#include <cmath>
#include <numbers>

#include "cleave/probability/counts.h"

namespace cleave::probability {

namespace {

const double kLogTwoPi = std::log(2 * std::numbers::pi);
constexpr double kLeastLog = -1e30;  // finite in the place of log 0

Tensor standard_normal(const Tensor& like, at::Generator generator) {
  return at::randn(like.sizes(), std::move(generator), like.options().requires_grad(false));
}

}  // namespace

Tensor DiagonalNormal::log_prob(const Tensor& x) const {
  return -0.5 * (kLogTwoPi + log_variance + (x - mean).square() * (-log_variance).exp()).sum(-1);
}

Tensor DiagonalNormal::rsample(at::Generator generator) const {
  Tensor deviation = (0.5 * log_variance).exp();
  return mean + deviation * standard_normal(mean, std::move(generator));
}

Tensor DiagonalNormal::entropy() const {
  return 0.5 * (1 + kLogTwoPi + log_variance).sum(-1);
}

Categorical Categorical::from_logits(const Tensor& logits) {
  return {at::log_softmax(logits, -1)};
}

Categorical Categorical::uniform(int64_t classes, const at::TensorOptions& options) {
  return {at::full({classes}, -std::log(static_cast<double>(classes)), options)};
}

Tensor Categorical::log_prob(const Tensor& y) const {
  return log_probs.gather(-1, y.unsqueeze(-1)).squeeze(-1);
}

Tensor Categorical::sample(at::Generator generator) const {
  Tensor flat =
      at::multinomial(probs().reshape({-1, log_probs.size(-1)}), 1, /*replacement=*/true, std::move(generator));
  return flat.reshape(log_probs.sizes().slice(0, log_probs.dim() - 1));
}

Tensor Categorical::rsample_relaxed(double temperature, at::Generator generator) const {
  Tensor waiting = at::empty_like(log_probs).exponential_(1, std::move(generator)).clamp_min(1e-30);
  return ((log_probs - waiting.log()) / temperature).softmax(-1);  // -log of a waiting time is Gumbel's noise
}

Tensor Categorical::entropy() const {
  return -(probs() * log_probs.clamp_min(kLeastLog)).sum(-1);
}

Tensor Laplace::log_prob(const Tensor& x) const {
  return -((x - mean).abs() * (-log_scale).exp() + log_scale + std::log(2.0)).sum(-1);
}

Tensor Bernoulli::log_prob(const Tensor& x) const {
  return -at::binary_cross_entropy_with_logits(logits, x, {}, {}, at::Reduction::None).sum(-1);
}

Tensor NegativeBinomial::log_prob(const Tensor& x) const {
  if (are_plain_counts(x, log_mean, log_dispersion)) return log_prob_of_counts(x, log_mean, log_dispersion);
  Tensor dispersion = log_dispersion.exp();
  Tensor log_total = at::logaddexp(log_mean, log_dispersion);  // log(mean + dispersion)
  Tensor coefficient = at::lgamma(x + dispersion) - at::lgamma(dispersion) - at::lgamma(x + 1);
  return (coefficient + dispersion * (log_dispersion - log_total) + x * (log_mean - log_total)).sum(-1);
}

Tensor NormalMixture::log_joint(const Tensor& x) const {
  return weights.log_probs + components.log_prob(x.unsqueeze(-2));
}

Tensor NormalMixture::log_prob(const Tensor& x) const {
  return at::logsumexp(log_joint(x), -1);
}

Categorical NormalMixture::posterior(const Tensor& x) const {
  return Categorical::from_logits(log_joint(x));
}

Tensor kl(const DiagonalNormal& q, const DiagonalNormal& p) {
  Tensor ratio = q.log_variance - p.log_variance;
  Tensor distance = (q.mean - p.mean).square() * (-p.log_variance).exp();
  return 0.5 * (ratio.exp() + distance - 1 - ratio).sum(-1);
}

Tensor kl(const Categorical& q, const Categorical& p) {
  // A class of probability zero in q contributes nothing, whatever it has in p: the plain product gives 0 * inf. Nor
  // does it pull: xlogy would answer with a gradient of 0 / 0.
  return (q.probs() * (q.log_probs.clamp_min(kLeastLog) - p.log_probs.clamp_min(kLeastLog))).sum(-1);
}

Tensor kl_from_standard_normal(const DiagonalNormal& q) {
  return 0.5 * (q.mean.square() + q.log_variance.exp() - q.log_variance - 1);
}

Tensor bernoulli_kl(double target, const Tensor& mean) {
  Tensor safe = mean.clamp(1e-6, 1 - 1e-6);
  return target * (std::log(target) - safe.log()) + (1 - target) * (std::log1p(-target) - at::log1p(-safe));
}

Tensor importance_weighted(const Tensor& log_weights) {
  return at::logsumexp(log_weights, 0) - std::log(static_cast<double>(log_weights.size(0)));
}

}  // namespace cleave::probability
