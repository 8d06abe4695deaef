// An encoder that reads a class and a code side by side, and a decoder that sees both.
#pragma once

#include <cstdint>
#include <memory>

#include "cleave/base/random.h"
#include "cleave/networks/autoencoder.h"

namespace cleave::networks {

class ClassAutoencoder : public torch::nn::Module {
 public:
  /// For examples of `shape` and `width` features, codes of `latent_dim` and K `classes`; the decoder reads
  /// `decoder_inputs` numbers. config.likelihood is resolved, never "auto".
  ClassAutoencoder(const LikelihoodConfig& config, const std::vector<int64_t>& shape, int64_t width, int64_t latent_dim,
                   int64_t classes, int64_t decoder_inputs, const Randomness& random);

  struct Posterior {
    probability::DiagonalNormal z;  ///< [B, D]
    probability::Categorical y;     ///< [B, K]
  };
  Tensor features(const Tensor& x) const;  ///< what both posteriors are read from, [B, F]

  /// q(z | x) and q(y | x), independent given the features of x [B, X].
  Posterior posterior(const Tensor& x) const;

  /// Classes as shares: y [B] int64 one-hot, or y [B, K] as it is. [B, K] float32.
  Tensor shares(const Tensor& y) const;

  Tensor log_likelihood(const Tensor& x, const Tensor& inputs) const;  ///< log p(x | inputs), nats, [B]
  Tensor mean(const Tensor& inputs) const;                             ///< E[x | inputs], [B, X]

  /// Turns the first n latents, which must be the first inputs of the decoder, by an orthogonal matrix [n, n]: their
  /// means m become m turn, and what is decoded from them stays. Variances follow as far as a head of independent ones
  /// can say it.
  void turn_code(const Tensor& turn);

 private:
  int64_t classes_;
  std::shared_ptr<Encoder> encoder_;
  std::shared_ptr<Dense> mean_, log_variance_, classifier_;
  std::shared_ptr<Decoder> decoder_;
  std::shared_ptr<probability::Likelihood> likelihood_;
};

}  // namespace cleave::networks
