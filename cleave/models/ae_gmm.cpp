// Autoencoder, then a Gaussian mixture on its codes.
//
// Source      Jiang et al. Variational Deep Embedding. IJCAI 2017 (the AE+GMM rows).
// Code        z = encode(x), linear                                     (C1)
// Minimises   first -log p(x | z), nats per example                     (O1)
//             then  -sum_i log sum_k pi_k Normal(z_i; m_k, S_k), z standardised  (O2)
// Shapes      B batch, X features, D latent_dim, K clusters.
#include "cleave/classical/gaussian_mixture.h"
#include "cleave/model/blocks.h"
#include "cleave/model/likelihood_choice.h"
#include "cleave/models/registry.h"
#include "cleave/networks/autoencoder.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

struct AeGmmConfig : networks::AutoencoderConfig {
  int64_t clusters = 10;
  int64_t epochs = 30;
  double learning_rate = 2e-3;
  int64_t restarts = 10;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of clusters K.", at_least(1));
    AutoencoderConfig::fields(c, field);
    field("epochs", c.epochs, "Epochs of the autoencoder.", at_least(0));
    field("learning_rate", c.learning_rate, "Peak of the one-cycle learning rate.", above(0));
    field("restarts", c.restarts, "Fits of the mixture, of which the likeliest is kept.", at_least(1));
  }

  AeGmmConfig resolved(const data::Description& data) const {
    AeGmmConfig config = *this;
    config.likelihood = choose_likelihood(likelihood, data);
    return config;
  }
};

class AeGmm : public Model {
 public:
  using Config = AeGmmConfig;
  static constexpr Abilities kAbilities = {.clusters = true, .embeds = true, .decodes = true};

  AeGmm(const Config& config, const data::Description& data, const Randomness& random)
      : Model(kAbilities), config_(config) {
    network_ = register_module(
        "network", std::make_shared<networks::Autoencoder>(config, data.shape, data.width, random.stream("network")));
    int64_t clusters = config.clusters, dim = config.latent_dim;
    log_weights_ = register_buffer("log_weights", at::zeros({clusters}, at::kDouble));
    means_ = register_buffer("means", at::zeros({clusters, dim}, at::kDouble));
    covariances_ = register_buffer("covariances", at::eye(dim, at::kDouble).repeat({clusters, 1, 1}));
  }

  // Code and clusters ------------------------------------------------------------------------------------------------

  classical::GaussianMixture mixture() const { return {log_weights_, means_, covariances_}; }

  Latents infer(const Tensor& x) override {
    Tensor z = network_->code(x);  // C1 [B, D]
    return {{z}, {mixture().log_prob_components(z).argmax(-1)}};
  }
  Tensor responsibilities(const Tensor& x, size_t) override {
    return mixture().responsibilities(network_->code(x)).to(at::kFloat);
  }
  std::vector<Facet> facets() const override { return {{0, config_.clusters}}; }
  Tensor decode(const Latents& h) override { return network_->mean(h.z[0]); }

  // Objective and fitting --------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    return {{.name = "pretrain", .epochs = config_.epochs, .optimise = {{"", one_cycle(config_.learning_rate)}}},
            {.name = "mixture", .epochs = 1, .closed_form = true, .optimise = {}}};
  }

  Objective objective(const Batch& batch, const Stage&, const Step&, const Randomness&) override {  // O1
    return {{{"reconstruction", -network_->log_likelihood(batch.x, network_->code(batch.x))}}};
  }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {  // O2
    classical::GaussianMixtureOptions options = {.components = config_.clusters,
                                                 .covariance = classical::Covariance::kFull,
                                                 .restarts = config_.restarts,
                                                 .variance_floor = 1e-3};
    Tensor codes = over_blocks(fitting.data, [&](const Tensor& x) { return network_->code(x); });
    auto fit = classical::fit_gaussian_mixture(networks::standardised(codes), options, fitting.random,
                                               [&] { return fitting.observer.should_stop(); });
    network_->standardise_code(codes);
    log_weights_.copy_(fit.mixture.log_weights);
    means_.copy_(fit.mixture.means);
    covariances_.copy_(fit.mixture.covariances);
    return {{{"log_likelihood", fit.log_likelihood}}, true};
  }

 private:
  Config config_;
  std::shared_ptr<networks::Autoencoder> network_;
  Tensor log_weights_, means_, covariances_;
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
