#include "cleave/networks/class_autoencoder.h"

namespace cleave::networks {

ClassAutoencoder::ClassAutoencoder(const LikelihoodConfig& config, const std::vector<int64_t>& shape, int64_t width,
                                   int64_t latent_dim, int64_t classes, int64_t decoder_inputs,
                                   const Randomness& random)
    : classes_(classes) {
  encoder_ = register_module("encoder", make_encoder(config, shape, width, random.stream("encoder")));
  auto head = [&](const char* name, int64_t outputs) {
    return register_module(name, std::make_shared<Dense>(encoder_->features(), outputs, random.stream(name)));
  };
  mean_ = head("mean", latent_dim);
  log_variance_ = head("log_variance", latent_dim);
  classifier_ = head("classifier", classes);
  decoder_ = register_module("decoder", make_decoder(config, shape, width, decoder_inputs, random.stream("decoder")));
  likelihood_ = register_module("likelihood",
                                std::make_shared<probability::Likelihood>(config.likelihood, width, config.variance));
}

ClassAutoencoder::Posterior ClassAutoencoder::posterior(const Tensor& x) const {
  Tensor features = encoder_->forward(likelihood_->encoder_input(x));
  return {normal(*mean_, *log_variance_, features),
          probability::Categorical::from_logits(classifier_->forward(features).to(at::kFloat))};
}

Tensor ClassAutoencoder::shares(const Tensor& y) const {
  return y.is_floating_point() ? y : at::one_hot(y, classes_).to(at::kFloat);
}

Tensor ClassAutoencoder::log_likelihood(const Tensor& x, const Tensor& inputs) const {
  return likelihood_->log_prob(x, decoder_->forward(inputs).to(at::kFloat));
}

Tensor ClassAutoencoder::mean(const Tensor& inputs) const {
  return likelihood_->mean(decoder_->forward(inputs));
}

}  // namespace cleave::networks
