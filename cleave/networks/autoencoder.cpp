#include "cleave/networks/autoencoder.h"

namespace cleave::networks {

namespace {

/// Mean and standard deviation [D] of codes [N, D]; a deviation is never 0.
std::pair<Tensor, Tensor> moments(const Tensor& codes) {
  auto [deviation, mean] = at::std_mean(codes, /*dim=*/0, /*unbiased=*/false);
  return {mean, deviation.clamp_min(1e-6)};
}

}  // namespace

probability::DiagonalNormal normal(const Dense& mean, const Dense& log_variance, const Tensor& features) {
  return {mean.forward(features).to(at::kFloat), log_variance.forward(features).to(at::kFloat).clamp(-10, 5)};
}

Tensor standardised(const Tensor& codes) {
  auto [mean, deviation] = moments(codes);
  return (codes - mean) / deviation;
}

Tensor noisy(const Tensor& x, double deviation, bool unit_interval, at::Generator generator) {
  if (deviation == 0) return x;
  const Tensor moved = x + deviation * at::randn(x.sizes(), generator);
  return unit_interval ? moved.clamp(0, 1) : moved;
}

Autoencoder::Autoencoder(const AutoencoderConfig& config, const std::vector<int64_t>& shape, int64_t width,
                         at::Generator generator) {
  encoder = register_module("encoder", make_encoder(config, shape, width, generator));
  head = register_module("head", std::make_shared<Dense>(encoder->features(), config.latent_dim, generator));
  decoder = register_module("decoder", make_decoder(config, shape, width, config.latent_dim, generator));
  likelihood = register_module("likelihood",
                               std::make_shared<probability::Likelihood>(config.likelihood, width, config.variance));
}

Tensor Autoencoder::features(const Tensor& x) const {
  return encoder->forward(likelihood->encoder_input(x));
}

Tensor Autoencoder::code(const Tensor& x) const {
  return head->forward(features(x)).to(at::kFloat);
}

Tensor Autoencoder::code_of_noisy(const Tensor& x, double deviation, bool unit_interval,
                                  const at::Generator& generator) const {
  const Tensor seen = noisy(likelihood->encoder_input(x), deviation, unit_interval, generator);
  return head->forward(encoder->forward(seen)).to(at::kFloat);
}

Tensor Autoencoder::log_likelihood(const Tensor& x, const Tensor& z) const {
  return likelihood->log_prob(x, decoder->forward(z).to(at::kFloat));
}

Tensor Autoencoder::mean(const Tensor& z) const {
  return likelihood->mean(decoder->forward(z));
}

void Autoencoder::standardise_code(const Tensor& codes) {
  auto [mean, deviation] = moments(codes);
  rescale_code(*head, decoder->first(), mean, deviation);
}

}  // namespace cleave::networks
