#include "cleave/probability/likelihood.h"

#include <cmath>

#include "cleave/base/error.h"
#include "cleave/probability/distributions.h"

namespace cleave::probability {

namespace {

constexpr double kTypicalTotal = 1e4;

/// Row totals [B, 1]; an empty row counts as one, so that nothing divides by zero.
Tensor totals(const Tensor& x) {
  return x.sum(-1, /*keepdim=*/true).clamp_min(1);
}

}  // namespace

Likelihood::Likelihood(std::string kind, int64_t width, double variance) : kind_(std::move(kind)) {
  require<ArgumentError>(
      kind_ == "bernoulli" || kind_ == "gaussian" || kind_ == "laplace" || kind_ == "negative-binomial",
      "[likelihood] expected bernoulli, gaussian, laplace or negative-binomial but received '{}'", kind_);
  if (kind_ == "gaussian" || kind_ == "laplace") {
    bool learned = variance == 0;
    Tensor start = at::full({}, std::log(learned ? 0.1 : variance), at::kFloat);
    log_variance_ = learned ? register_parameter("log_variance", start) : register_buffer("log_variance", start);
  } else if (kind_ == "negative-binomial") {
    log_dispersion_ = register_parameter("log_dispersion", at::zeros({width}));
  }
}

Tensor Likelihood::log_prob(const Tensor& x, const Tensor& output) const {
  if (kind_ == "bernoulli") return Bernoulli{output}.log_prob(x);
  if (kind_ == "gaussian") return DiagonalNormal{output, log_variance_}.log_prob(x);
  if (kind_ == "laplace") return Laplace{output, (log_variance_ - std::log(2.0)) / 2}.log_prob(x);
  return NegativeBinomial{at::log_softmax(output, -1) + totals(x).log(), log_dispersion_}.log_prob(x);
}

Tensor Likelihood::mean(const Tensor& output) const {
  if (kind_ == "bernoulli") return at::sigmoid(output);
  if (kind_ == "gaussian" || kind_ == "laplace") return output;
  return kTypicalTotal * at::softmax(output, -1);
}

Tensor Likelihood::encoder_input(const Tensor& x) const {
  return kind_ == "negative-binomial" ? at::log1p(x * (kTypicalTotal / totals(x))) : x;
}

}  // namespace cleave::probability
