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

Tensor ClassAutoencoder::features(const Tensor& x) const {
  return encoder_->forward(likelihood_->encoder_input(x));
}

ClassAutoencoder::Posterior ClassAutoencoder::posterior(const Tensor& x) const {
  Tensor h = features(x);
  return {normal(*mean_, *log_variance_, h),
          probability::Categorical::from_logits(classifier_->forward(h).to(at::kFloat))};
}

void ClassAutoencoder::turn_code(const Tensor& turn) {
  at::NoGradGuard no_grad;
  const int64_t n = turn.size(0);
  auto turn_head = [n](Dense& head, const Tensor& by) {
    Tensor weight = head.weight.narrow(0, 0, n), bias = head.bias.narrow(0, 0, n);
    weight.copy_(by.t().mm(weight.clone()));
    bias.copy_(by.t().mv(bias.clone()));
  };
  turn_head(*mean_, turn);
  turn_head(*log_variance_, turn.square());  // each row of squares sums to 1: a mean of the old log-variances
  Tensor reads = decoder_->first().weight.narrow(1, 0, n);
  reads.copy_(reads.clone().mm(turn));
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
