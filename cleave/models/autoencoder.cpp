// Autoencoder: compression, denoising, sparse.
//
// Source      Hinton, Salakhutdinov. Reducing the Dimensionality of Data with Neural Networks. Science 2006.
//             Vincent et al. Extracting and Composing Robust Features with Denoising Autoencoders. ICML 2008 (noise).
//             Ng. Sparse Autoencoder. CS294A lecture notes, 2011 (sparsity).
// Code        z = encode(x), linear; with sparsity > 0 squashed to (0, 1) by a sigmoid              (C1)
// Minimises   -log p(x | z(x + noise)) + sparsity sum_j KL(target || mean over the batch of z_j), nats  (O1)
// Shapes      B batch, X features, D latent_dim.
#include "cleave/networks/autoencoder.h"

#include <cmath>

#include "cleave/model/likelihood_choice.h"
#include "cleave/models/registry.h"
#include "cleave/probability/distributions.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

struct AutoencoderMethodConfig : networks::AutoencoderConfig {
  double noise = 0;
  double sparsity = 0;
  double sparsity_target = 0.1;
  int64_t epochs = 30;
  double learning_rate = 2e-3;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    AutoencoderConfig::fields(c, field);
    field("noise", c.noise, "Denoising: standard deviation of the noise on the input; the target stays clean.",
          at_least(0));
    field("sparsity", c.sparsity, "Weight of the sparsity penalty; above 0 the code is squashed to (0, 1).",
          at_least(0));
    field("sparsity_target", c.sparsity_target, "Mean activation that the sparsity penalty asks for.",
          between(0.001, 0.999));
    field("epochs", c.epochs, "Passes over the data.", at_least(0));
    field("learning_rate", c.learning_rate, "Peak of the one-cycle learning rate.", above(0));
  }

  AutoencoderMethodConfig resolved(const data::Description& data) const { return with_likelihood(*this, data); }
};

class Autoencoder : public Model {
 public:
  using Config = AutoencoderMethodConfig;
  static constexpr Abilities kAbilities = {.embeds = true, .decodes = true};

  Autoencoder(const Config& config, const data::Description& data, const Randomness& random)
      : Model(kAbilities), config_(config), unit_interval_(data.unit_interval) {
    network_ = register_module(
        "network", std::make_shared<networks::Autoencoder>(config, data.shape, data.width, random.stream("network")));
  }

  // Code -------------------------------------------------------------------------------------------------------------

  Tensor code(const Tensor& x) const { return as_code(network_->code(x)); }  // C1 [B, D]
  Tensor as_code(const Tensor& z) const { return config_.sparsity > 0 ? at::sigmoid(z) : z; }
  Latents infer(const Tensor& x) override { return {{code(x)}, {Tensor()}}; }
  Tensor decode(const Latents& h) override { return network_->mean(h.z[0]); }

  // Objective --------------------------------------------------------------------------------------------------------

  Objective objective(const Batch& batch, const Stage&, const Step&, const Randomness& random) override {  // O1
    const Tensor z = as_code(network_->code_of_noisy(batch.x, config_.noise, unit_interval_, random.stream("noise")));
    Objective objective = {{{"reconstruction", -network_->log_likelihood(batch.x, z)}}};
    if (config_.sparsity > 0) {
      Tensor penalty = probability::bernoulli_kl(config_.sparsity_target, z.mean(0)).sum();
      objective.terms.push_back({"sparsity", penalty.expand({z.size(0)}), config_.sparsity});
    }
    return objective;
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    return {{.name = "fit", .epochs = config_.epochs, .optimise = {{"", one_cycle(config_.learning_rate)}}}};
  }

 private:
  Config config_;
  bool unit_interval_;
  std::shared_ptr<networks::Autoencoder> network_;
};

}  // namespace

Method describe_autoencoder() {
  return describe_method<Autoencoder>({
      .name = "autoencoder",
      .title = "Autoencoder",
      .summary = "A short code from which a network can rebuild the example: compression, denoising or sparse.",
      .source = "Hinton, Salakhutdinov. Reducing the Dimensionality of Data with Neural Networks. Science 2006",
      .tiny = {{"latent_dim", 2}, {"hidden", {16}}, {"epochs", 2}, {"noise", 0.1}, {"sparsity", 0.1}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
