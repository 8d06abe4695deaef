// A VAE with one Gaussian and one categorical variable, read side by side from the features of one encoder.
//
// Generates   y ~ Categorical(1/K)                  (G1)  prior_y
//             z ~ Normal(0, I)                      (G2)  prior_z
//             x | z, y ~ Likelihood(decode(z, y))   (G3)  log_likelihood
// Infers      q(z | x), q(y | x)                    (I1)  posterior
// Shapes      B batch, X features, D latent_dim, K clusters.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cleave/model/model.h"
#include "cleave/networks/class_autoencoder.h"
#include "cleave/probability/distributions.h"

namespace cleave::models {

class CategoryVae : public model::Model {
 public:
  static constexpr model::Abilities kAbilities = {
      .clusters = true, .embeds = true, .decodes = true, .generates = true, .has_bound = true};

  CategoryVae(const networks::AutoencoderConfig& config, int64_t clusters, const data::Description& data,
              const Randomness& random)
      : Model(kAbilities), latent_dim_(config.latent_dim), clusters_(clusters) {
    network_ = register_module(
        "network", std::make_shared<networks::ClassAutoencoder>(config, data.shape, data.width, latent_dim_, clusters_,
                                                                latent_dim_ + clusters_, random));
  }

  // Generative model -------------------------------------------------------------------------------------------------

  probability::Categorical prior_y() const { return probability::Categorical::uniform(clusters_, at::kFloat); }  // G1
  probability::DiagonalNormal prior_z() const { return {at::zeros({latent_dim_}), at::zeros({latent_dim_})}; }   // G2
  Tensor log_likelihood(const Tensor& x, const Tensor& z, const Tensor& y) const {  // G3 [B]
    return network_->log_likelihood(x, at::cat({z, network_->shares(y)}, 1));
  }

  Tensor log_joint(const Tensor& x, const model::Latents& h) override {
    Tensor log_prior = prior_y().log_probs.index_select(0, h.y[0]) + prior_z().log_prob(h.z[0]);
    return log_prior + log_likelihood(x, h.z[0], h.y[0]);
  }
  model::Latents sample_prior(int64_t count, std::optional<int64_t> cluster, size_t, at::Generator generator) override {
    Tensor y = cluster ? at::full({count}, *cluster, at::kLong)
                       : probability::Categorical{prior_y().log_probs.expand({count, clusters_})}.sample(generator);
    return {{at::randn({count, latent_dim_}, generator)}, {y}};
  }
  Tensor decode(const model::Latents& h) override {
    return network_->mean(at::cat({h.z[0], network_->shares(h.y[0])}, 1));
  }

  // Inference model --------------------------------------------------------------------------------------------------

  networks::ClassAutoencoder::Posterior posterior(const Tensor& x) const { return network_->posterior(x); }  // I1

  model::Latents sample_posterior(const Tensor& x, at::Generator generator) override {
    auto q = posterior(x);
    Tensor z = q.z.rsample(generator);
    return {{z}, {q.y.sample(generator)}};
  }
  Tensor log_posterior(const model::Latents& h, const Tensor& x) override {
    auto q = posterior(x);
    return q.z.log_prob(h.z[0]) + q.y.log_prob(h.y[0]);
  }
  model::Latents infer(const Tensor& x) override {
    auto q = posterior(x);
    return {{q.z.mean}, {q.y.log_probs.argmax(-1)}};
  }
  Tensor hidden_features(const Tensor& x) override { return network_->features(x); }
  Tensor responsibilities(const Tensor& x, size_t) override { return posterior(x).y.probs(); }
  std::vector<model::Facet> facets() const override { return {{0, clusters_}}; }
  Tensor information(const Tensor& x) override { return probability::kl_from_standard_normal(posterior(x).z); }

 private:
  int64_t latent_dim_, clusters_;
  std::shared_ptr<networks::ClassAutoencoder> network_;
};

}  // namespace cleave::models
