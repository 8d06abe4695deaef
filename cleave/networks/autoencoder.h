// Encoder, linear code and decoder with a likelihood: what autoencoders are, and what VAEs and VaDE start from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cleave/networks/networks.h"
#include "cleave/probability/distributions.h"
#include "cleave/probability/likelihood.h"

namespace cleave::networks {

/// The settings of a likelihood.
struct LikelihoodChoice {
  std::string likelihood = "auto";
  double variance = 0;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("likelihood", c.likelihood,
          "Of x, given the latents; auto is bernoulli for data in [0, 1], negative-binomial for raw counts, else "
          "gaussian.",
          one_of({"auto", "bernoulli", "gaussian", "laplace", "negative-binomial"}));
    field("variance", c.variance, "Variance of the Gaussian or Laplace likelihood; 0 learns it.", at_least(0));
  }
};

/// The settings of networks that end in a likelihood.
struct LikelihoodConfig : NetworkConfig, LikelihoodChoice {
  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    NetworkConfig::fields(c, field);
    LikelihoodChoice::fields(c, field);
  }
};

/// The settings of a network that codes and decodes examples.
struct AutoencoderConfig : LikelihoodConfig {
  int64_t latent_dim = 10;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("latent_dim", c.latent_dim, "Dimension D of the code z.", at_least(1));
    LikelihoodConfig::fields(c, field);
  }
};

/// Normal(mean, exp(log_variance)) of two heads on the same features [B, F]: [B, D], float32, the log-variance kept in
/// [-10, 5].
probability::DiagonalNormal normal(const Dense& mean, const Dense& log_variance, const Tensor& features);

/// Codes [N, D] with mean 0 and variance 1 in every dimension; a constant dimension becomes 0.
Tensor standardised(const Tensor& codes);

/// x [B, X] with Gaussian noise of that standard deviation; data in [0, 1] stay there.
Tensor noisy(const Tensor& x, double deviation, bool unit_interval, at::Generator generator);

class Autoencoder : public torch::nn::Module {
 public:
  /// For examples of `shape` and `width` features; config.likelihood is resolved, never "auto".
  Autoencoder(const AutoencoderConfig& config, const std::vector<int64_t>& shape, int64_t width,
              at::Generator generator);

  Tensor features(const Tensor& x) const;  ///< [B, X] -> [B, F], below the code
  Tensor code(const Tensor& x) const;      ///< [B, X] -> [B, D]
  /// The code of what the encoder reads of x, with noise: of counts, their logarithms.
  Tensor code_of_noisy(const Tensor& x, double deviation, bool unit_interval, const at::Generator& generator) const;
  Tensor log_likelihood(const Tensor& x, const Tensor& z) const;  ///< log p(x | z), nats, [B]
  Tensor mean(const Tensor& z) const;                             ///< E[x | z], [B, X]

  /// From now on codes come out as standardised(codes) has them, and the decoder undoes it. codes [N, D]: those of the
  /// data as they are now.
  void standardise_code(const Tensor& codes);

  std::shared_ptr<Encoder> encoder;
  std::shared_ptr<Dense> head;
  std::shared_ptr<Decoder> decoder;
  std::shared_ptr<probability::Likelihood> likelihood;
};

}  // namespace cleave::networks
