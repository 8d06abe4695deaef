// Variational autoencoder (VAE), and with beta other than 1 the beta-VAE.
//
// Source      Kingma, Welling. Auto-Encoding Variational Bayes. ICLR 2014. arXiv:1312.6114.
//             Higgins et al. beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework. ICLR
//             2017.
// Generates   z ~ Normal(0, I)               (G1)  prior_z
//             x | z ~ Likelihood(decode(z))  (G2)  network_->log_likelihood
// Infers      q(z | x) = Normal(encode(x))   (I1)  posterior_z
// Minimises   -log p(x | z) + beta KL(q(z | x) || p(z)), one z ~ q(z | x), nats per example (O1)
// Shapes      B batch, X features, D latent_dim.
#include "cleave/model/likelihood_choice.h"
#include "cleave/models/registry.h"
#include "cleave/networks/autoencoder.h"
#include "cleave/probability/distributions.h"

namespace cleave::models {

using namespace cleave::model;
using probability::DiagonalNormal;

namespace {

struct VaeConfig : networks::AutoencoderConfig {
  double beta = 1;
  double warm_up_epochs = 0;
  int64_t epochs = 50;
  double learning_rate = 1e-3;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    AutoencoderConfig::fields(c, field);
    field("beta", c.beta, "Weight of the KL term; 1 is the evidence lower bound.", at_least(0));
    field("warm_up_epochs", c.warm_up_epochs, "Epochs over which the KL term's weight rises from 0.", at_least(0));
    field("epochs", c.epochs, "Passes over the data.", at_least(0));
    field("learning_rate", c.learning_rate, "First learning rate; falls to 0 by a cosine.", above(0));
  }

  VaeConfig resolved(const data::Description& data) const { return with_likelihood(*this, data); }
};

class Vae : public Model {
 public:
  using Config = VaeConfig;
  static constexpr Abilities kAbilities = {.embeds = true, .decodes = true, .generates = true, .has_bound = true};

  Vae(const Config& config, const data::Description& data, const Randomness& random)
      : Model(kAbilities), config_(config) {
    network_ = register_module(
        "network", std::make_shared<networks::Autoencoder>(config, data.shape, data.width, random.stream("network")));
    log_variance_head_ = register_module(
        "log_variance_head",
        std::make_shared<networks::Dense>(network_->encoder->features(), config.latent_dim, random.stream("head")));
  }

  // Generative model -------------------------------------------------------------------------------------------------

  DiagonalNormal prior_z() const { return {at::zeros({config_.latent_dim}), at::zeros({config_.latent_dim})}; }  // G1

  Tensor log_joint(const Tensor& x, const Latents& h) override {
    return prior_z().log_prob(h.z[0]) + network_->log_likelihood(x, h.z[0]);  // G1 G2
  }
  Latents sample_prior(int64_t count, std::optional<int64_t>, size_t, at::Generator generator) override {
    return {{at::randn({count, config_.latent_dim}, generator)}, {Tensor()}};
  }
  Tensor decode(const Latents& h) override { return network_->mean(h.z[0]); }

  // Inference model --------------------------------------------------------------------------------------------------

  DiagonalNormal posterior_z(const Tensor& x) const {  // I1 [B, D]
    return networks::normal(*network_->head, *log_variance_head_, network_->features(x));
  }
  Latents sample_posterior(const Tensor& x, at::Generator generator) override {
    return {{posterior_z(x).rsample(generator)}, {Tensor()}};
  }
  Tensor log_posterior(const Latents& h, const Tensor& x) override { return posterior_z(x).log_prob(h.z[0]); }

  Latents infer(const Tensor& x) override { return {{posterior_z(x).mean}, {Tensor()}}; }
  Tensor information(const Tensor& x) override { return probability::kl_from_standard_normal(posterior_z(x)); }

  // Objective --------------------------------------------------------------------------------------------------------

  Objective bound(const Tensor& x, double kl_weight, at::Generator generator) const {  // O1
    DiagonalNormal q_z = posterior_z(x);
    return {{{"reconstruction", -network_->log_likelihood(x, q_z.rsample(generator))},
             {"kl_z", probability::kl(q_z, prior_z()), kl_weight}}};
  }

  Tensor evidence_bound(const Tensor& x, at::Generator generator) override {
    return -bound(x, 1, generator).unweighted();
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    return {{.name = "fit", .epochs = config_.epochs, .optimise = {{"", cosine(config_.learning_rate)}}}};
  }

  Objective objective(const Batch& batch, const Stage&, const Step& step, const Randomness& random) override {
    double weight = warm_up(constant(config_.beta), config_.warm_up_epochs)(step);
    return bound(batch.x, weight, random.stream("noise"));
  }

 private:
  Config config_;
  std::shared_ptr<networks::Autoencoder> network_;
  std::shared_ptr<networks::Dense> log_variance_head_;
};

}  // namespace

Method describe_vae() {
  return describe_method<Vae>({
      .name = "vae",
      .title = "Variational autoencoder",
      .summary = "Codes with a standard normal prior: a generator of data and the ground of the other models.",
      .source = "Kingma, Welling. Auto-Encoding Variational Bayes. ICLR 2014. arXiv:1312.6114",
      .tiny = {{"latent_dim", 2}, {"hidden", {16}}, {"epochs", 2}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
