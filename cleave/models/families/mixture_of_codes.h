// A network that codes, then a full-covariance Gaussian mixture on its codes.
//
// Code        z, families/clustered_codes.h                                          (C1)
// Minimises   first the network's own objective                                      (O1)
//             then  -sum_i log sum_k pi_k Normal(z_i; m_k, S_k), z standardised      (O2)
// Shapes      B batch, D latent_dim, K clusters.
#pragma once

#include "cleave/models/families/clustered_codes.h"
#include "cleave/models/families/stored_mixture.h"

namespace cleave::models {

class MixtureOfCodes : public ClusteredCodes {
 public:
  MixtureOfCodes(const Config& config, const data::Description& data, const Randomness& random)
      : ClusteredCodes(config, data, random), mixture_(*this, config.clusters, config.latent_dim) {}

  model::Latents infer(const Tensor& x) override {
    Tensor z = code(x);
    return {{z}, {mixture_.log_prob_components(z).argmax(-1)}};
  }
  Tensor responsibilities(const Tensor& x, size_t) override {
    return mixture_.responsibilities(code(x)).to(at::kFloat);
  }

  std::vector<model::Stage> stages() const override {
    auto stages = ClusteredCodes::stages();
    stages.back().rescales = true;  // codes come out standardised from then on
    return stages;
  }

  model::Iteration iterate(const model::Stage&, const model::Step&, const model::Fitting& fitting) override {  // O2
    classical::GaussianMixtureOptions options = {.components = config_.clusters,
                                                 .covariance = classical::Covariance::kFull,
                                                 .restarts = config_.restarts,
                                                 .variance_floor = 1e-3};
    Tensor z = codes(fitting.data);
    auto fit = classical::fit_gaussian_mixture(networks::standardised(z), options, fitting.random, fitting.stop());
    network_->standardise_code(z);
    mixture_.store(fit.mixture);
    return {{{"log_likelihood", fit.log_likelihood}}, true};
  }

 private:
  StoredMixture mixture_;
};

}  // namespace cleave::models
