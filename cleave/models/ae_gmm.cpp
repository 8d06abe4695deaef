// Autoencoder, then a Gaussian mixture on its codes.
//
// Source      Jiang et al. Variational Deep Embedding. IJCAI 2017 (the AE+GMM rows).
// Code        z = encode(x), linear                                                  (C1)  families/clustered_codes.h
// Minimises   first -log p(x | z), nats per example                                  (O1)  families/clustered_codes.h
//             then  -sum_i log sum_k pi_k Normal(z_i; m_k, S_k), z standardised      (O2)
// Shapes      B batch, D latent_dim, K clusters.
#include "cleave/classical/gaussian_mixture.h"
#include "cleave/models/families/clustered_codes.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

class AeGmm : public ClusteredCodes {
 public:
  AeGmm(const Config& config, const data::Description& data, const Randomness& random)
      : ClusteredCodes(config, data, random) {
    int64_t clusters = config.clusters, dim = config.latent_dim;
    log_weights_ = register_buffer("log_weights", at::zeros({clusters}, at::kDouble));
    means_ = register_buffer("means", at::zeros({clusters, dim}, at::kDouble));
    covariances_ = register_buffer("covariances", at::eye(dim, at::kDouble).repeat({clusters, 1, 1}));
  }

  classical::GaussianMixture mixture() const { return {log_weights_, means_, covariances_}; }

  Latents infer(const Tensor& x) override {
    Tensor z = code(x);
    return {{z}, {mixture().log_prob_components(z).argmax(-1)}};
  }
  Tensor responsibilities(const Tensor& x, size_t) override {
    return mixture().responsibilities(code(x)).to(at::kFloat);
  }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {  // O2
    classical::GaussianMixtureOptions options = {.components = config_.clusters,
                                                 .covariance = classical::Covariance::kFull,
                                                 .restarts = config_.restarts,
                                                 .variance_floor = 1e-3};
    Tensor z = codes(fitting.data);
    auto fit = classical::fit_gaussian_mixture(networks::standardised(z), options, fitting.random,
                                               [&] { return fitting.observer.should_stop(); });
    network_->standardise_code(z);
    log_weights_.copy_(fit.mixture.log_weights);
    means_.copy_(fit.mixture.means);
    covariances_.copy_(fit.mixture.covariances);
    return {{{"log_likelihood", fit.log_likelihood}}, true};
  }

 private:
  Tensor log_weights_;  // [K]
  Tensor means_;        // [K, D]
  Tensor covariances_;  // [K, D, D]
};

}  // namespace

Method describe_ae_gmm() {
  return describe_method<AeGmm>({
      .name = "ae-gmm",
      .title = "Autoencoder and Gaussian mixture",
      .summary = "A full-covariance Gaussian mixture on the codes of an autoencoder.",
      .source = "Jiang, Zheng, Tan, Tang, Zhou. Variational Deep Embedding. IJCAI 2017 (the AE+GMM rows)",
      .tiny = {{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}, {"epochs", 2}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
