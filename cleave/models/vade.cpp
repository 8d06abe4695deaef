// Variational deep embedding (VaDE).
//
// Source      Jiang, Zheng, Tan, Tang, Zhou. Variational Deep Embedding: An Unsupervised and Generative Approach to
//             Clustering. IJCAI 2017. arXiv:1611.05148.
// Generates   y ~ Categorical(pi)                (G1)  prior_y
//             z | y ~ Normal(m_y, diag s_y^2)    (G2)  prior_z_given_y
//             x | z ~ Likelihood(decode(z))      (G3)  network_->log_likelihood
// Infers      q(z | x) = Normal(encode(x))       (I1)  posterior_z
//             q(y | x, z) = p(y | z)             (I2)  posterior_y, exact by Bayes from G1 and G2
// Minimises   bound = published:      -log p(x | z) + sum_y q(y | z) KL(q(z | x) || p(z | y)) + KL(q(y | z) || p(y))
//             bound = exact-marginal: -log p(x | z) + log q(z | x) - log sum_y p(y) p(z | y)               (O1)
//             one z ~ q(z | x) per example, nats per example. The second is never the looser one: docs/decisions/.
//             free_nats f > 0 adds sum_d max(0, f - mean over the batch of the KL of z_d), by which a latent that
//             carries less than f costs no more than one that carries f (Kingma et al. IAF. NIPS 2016)     (O3)
// Fits in     pretrain (autoencoder), mixture (codes standardised, then the first mixture), joint (O1).
// Start       codes: a Gaussian mixture of the codes, the paper's. graph, the default: the categories c of a map,
//             families/map_categories.h, give the first means and variances among the codes (A1), and joint training
//             minimises (O1) - a log q(c | mean of z): without this anchor diagonal Gaussians in a code that must also
//             carry style let go of the clusters                                                           (O2)
// Repair      where no map holds them, clusters may empty. After an epoch, one with less than the share `repair_below`
//             of N / K examples is begun anew: it and the fullest become a mixture of two of the fullest's codes (R1)
// Departs     Weights are a softmax of free logits and variances exponentials: the authors' code leaves both free, and
//             adds log pi once per latent dimension. Assignments are made at the posterior mean, not at a draw. The
//             posterior's log-variance starts constant and small, so that joint training starts from the mixture.
// Shapes      B batch, X features, D latent_dim, K clusters.
#include <cmath>

#include <fmt/format.h>

#include "cleave/classical/gaussian_mixture.h"
#include "cleave/model/blocks.h"
#include "cleave/model/likelihood_choice.h"
#include "cleave/models/families/map_categories.h"
#include "cleave/models/registry.h"
#include "cleave/networks/autoencoder.h"
#include "cleave/probability/distributions.h"

namespace cleave::models {

using namespace cleave::model;
using probability::Categorical;
using probability::DiagonalNormal;
using probability::NormalMixture;

namespace {

struct VadeConfig : networks::AutoencoderConfig, MapCategoriesConfig {
  int64_t clusters = 10;
  std::string bound = "exact-marginal";
  double beta = 1;
  double warm_up_steps = 0;
  double free_nats = 0;
  double posterior_variance = 0.05;
  std::string start = "graph";
  double anchor_weight = 10;
  double repair_below = 0.05;
  int64_t pretrain_epochs = -1;
  double pretrain_noise = 0;
  double pretrain_learning_rate = 2e-3;
  int64_t epochs = -1;
  double learning_rate = 1e-3;
  double mixture_learning_rate = 2e-3;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of mixture components K.", at_least(1));
    AutoencoderConfig::fields(c, field);
    field("bound", c.bound,
          "Form of the evidence lower bound: with the clusters summed over exactly, never the looser one, or as "
          "published.",
          one_of({"exact-marginal", "published"}));
    field("beta", c.beta, "Weight of the KL terms; 1 is the evidence lower bound.", at_least(0));
    field("warm_up_steps", c.warm_up_steps, "Steps over which the KL terms come in, as 1 - exp(-t / steps).",
          at_least(0));
    field("free_nats", c.free_nats, "Nats that each latent may carry at no cost.", at_least(0));
    field("posterior_variance", c.posterior_variance,
          "First variance of the posterior, in joint training; the codes have variance 1.", above(0));
    field("start", c.start, "First clusters: of a neighbour-keeping map of the data, or of a mixture of the codes.",
          one_of({"graph", "codes"}));
    field("anchor_weight", c.anchor_weight, "Weight a of the map's categories in joint training.", at_least(0));
    field("repair_below", c.repair_below,
          "A cluster with less than this share of an even part is begun anew after an epoch, where no map's categories "
          "hold it; 0 leaves it empty.",
          between(0, 1));
    MapCategoriesConfig::fields(c, field);
    field("pretrain_epochs", c.pretrain_epochs,
          "Epochs of the autoencoder; -1 takes as many as 550 batches of 256 need, 2 to 40.", at_least(-1));
    field("pretrain_noise", c.pretrain_noise,
          "Denoising: standard deviation of the noise on what the autoencoder sees; the target stays clean.",
          at_least(0));
    field("pretrain_learning_rate", c.pretrain_learning_rate, "Peak of the one-cycle rate of pretraining.", above(0));
    field("epochs", c.epochs, "Epochs of joint training; -1 takes as many as 1400 batches of 256 need, 8 to 60.",
          at_least(-1));
    field("learning_rate", c.learning_rate, "First rate of the networks in joint training; falls to 0.", above(0));
    field("mixture_learning_rate", c.mixture_learning_rate, "The same for the mixture's parameters.", above(0));
  }

  VadeConfig resolved(const data::Description& data) const {
    VadeConfig config = with_likelihood(*this, data);
    if (pretrain_epochs < 0) config.pretrain_epochs = epochs_worth(550, data.size, 2, 40);
    if (epochs < 0) config.epochs = epochs_worth(1400, data.size, 8, 60);
    return config;
  }
};

class Vade : public Model {
 public:
  using Config = VadeConfig;
  static constexpr Abilities kAbilities = {
      .clusters = true, .embeds = true, .decodes = true, .generates = true, .has_bound = true};

  Vade(const Config& config, const data::Description& data, const Randomness& random)
      : Model(kAbilities), config_(config), unit_interval_(data.unit_interval) {
    network_ = register_module(
        "network", std::make_shared<networks::Autoencoder>(config, data.shape, data.width, random.stream("network")));
    log_variance_head_ = register_module(
        "log_variance_head",
        std::make_shared<networks::Dense>(network_->encoder->features(), config.latent_dim, random.stream("head")));
    {
      at::NoGradGuard no_grad;
      log_variance_head_->weight.zero_();
      log_variance_head_->bias.fill_(std::log(config.posterior_variance));  // small beside that of standardised codes
    }
    Tensor means = at::randn({config.clusters, config.latent_dim}, random.stream("mixture"));
    prior_y_logits_ = register_parameter("prior_y_logits", at::zeros({config.clusters}));
    prior_z_mean_ = register_parameter("prior_z_mean", means);
    prior_z_log_variance_ = register_parameter("prior_z_log_variance", at::zeros_like(means));
    categories_ = register_buffer("categories", at::empty({0}, at::kLong));
  }

  // Generative model -------------------------------------------------------------------------------------------------

  Categorical prior_y() const { return Categorical::from_logits(prior_y_logits_); }                       // G1 [K]
  DiagonalNormal prior_z_given_y() const { return {prior_z_mean_, prior_z_log_variance_.clamp(-7, 5)}; }  // G2 [K, D]
  NormalMixture prior() const { return {prior_y(), prior_z_given_y()}; }

  Tensor log_joint(const Tensor& x, const Latents& h) override {
    Tensor log_prior = prior().log_joint(h.z[0]).gather(-1, h.y[0].unsqueeze(-1)).squeeze(-1);
    return log_prior + network_->log_likelihood(x, h.z[0]);  // G1 G2 G3
  }

  Latents sample_prior(int64_t count, std::optional<int64_t> cluster, size_t, at::Generator generator) override {
    Tensor y = cluster ? at::full({count}, *cluster, at::kLong)
                       : Categorical{prior_y().log_probs.expand({count, config_.clusters})}.sample(generator);
    DiagonalNormal components = prior_z_given_y();
    DiagonalNormal chosen = {components.mean.index_select(0, y), components.log_variance.index_select(0, y)};
    return {{chosen.rsample(generator)}, {y}};
  }

  Tensor decode(const Latents& h) override { return network_->mean(h.z[0]); }

  // Inference model --------------------------------------------------------------------------------------------------

  DiagonalNormal posterior_z(const Tensor& x) const {  // I1 [B, D]
    return networks::normal(*network_->head, *log_variance_head_, network_->features(x));
  }
  Categorical posterior_y(const Tensor& z) const { return prior().posterior(z); }  // I2 [B, K]

  Latents sample_posterior(const Tensor& x, at::Generator generator) override {
    Tensor z = posterior_z(x).rsample(generator);
    return {{z}, {posterior_y(z).sample(generator)}};
  }
  Tensor log_posterior(const Latents& h, const Tensor& x) override {
    return posterior_z(x).log_prob(h.z[0]) + posterior_y(h.z[0]).log_prob(h.y[0]);
  }

  Latents infer(const Tensor& x) override {
    Tensor z = posterior_z(x).mean;
    return {{z}, {posterior_y(z).log_probs.argmax(-1)}};
  }
  Tensor responsibilities(const Tensor& x, size_t) override { return posterior_y(posterior_z(x).mean).probs(); }
  std::vector<Facet> facets() const override { return {{0, config_.clusters}}; }

  /// sum_y q(y) KL(q(z_d) || p(z_d | y)), nats, [B, D].
  Tensor expected_kl_z(const DiagonalNormal& q, const Categorical& q_y) const {
    const DiagonalNormal p = prior_z_given_y();
    Tensor ratio = q.log_variance.unsqueeze(1) - p.log_variance;
    Tensor distance = (q.mean.unsqueeze(1) - p.mean).square() * (-p.log_variance).exp();
    Tensor per_cluster = 0.5 * (ratio.exp() + distance - 1 - ratio);  // [B, K, D]
    return (q_y.probs().unsqueeze(-1) * per_cluster).sum(1);
  }
  Tensor information(const Tensor& x) override {
    DiagonalNormal q = posterior_z(x);
    return expected_kl_z(q, posterior_y(q.mean));
  }

  // Objective --------------------------------------------------------------------------------------------------------

  /// With KL terms of that weight.
  Objective bound(const DiagonalNormal& q_z, const Tensor& x, double kl_weight, at::Generator generator) const {  // O1
    Tensor z = q_z.rsample(generator);
    Term reconstruction = {"reconstruction", -network_->log_likelihood(x, z)};
    if (config_.bound == "exact-marginal") {
      return {{reconstruction, {"kl_z", q_z.log_prob(z) - prior().log_prob(z), kl_weight}}};
    }
    Categorical q_y = posterior_y(z);
    return {{reconstruction,
             {"kl_z", expected_kl_z(q_z, q_y).sum(-1), kl_weight},
             {"kl_y", probability::kl(q_y, prior_y()), kl_weight}}};
  }

  Tensor evidence_bound(const Tensor& x, at::Generator generator) override {
    return -bound(posterior_z(x), x, 1, generator).unweighted();
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    return {{.name = "pretrain",
             .epochs = config_.pretrain_epochs,
             .optimise = {{"network", one_cycle(config_.pretrain_learning_rate)}}},
            {.name = "mixture", .epochs = 1, .closed_form = true, .optimise = {}},
            {.name = "joint",
             .epochs = config_.epochs,
             .optimise = {{"", linear(config_.learning_rate, 0)}, {"prior", linear(config_.mixture_learning_rate, 0)}},
             .epsilon = 1e-4}};
  }

  Objective objective(const Batch& batch, const Stage& stage, const Step& step, const Randomness& random) override {
    if (stage.name == "pretrain") {
      const Tensor code =
          network_->code_of_noisy(batch.x, config_.pretrain_noise, unit_interval_, random.stream("corruption"));
      return {{{"reconstruction", -network_->log_likelihood(batch.x, code)}}};
    }
    DiagonalNormal q_z = posterior_z(batch.x);
    const double kl_weight = config_.beta * saturating(config_.warm_up_steps)(step);
    Objective objective = bound(q_z, batch.x, kl_weight, random.stream("noise"));
    if (config_.free_nats > 0) {  // O3
      const Tensor carried = expected_kl_z(q_z, posterior_y(q_z.mean)).mean(0);
      const Tensor missing = (config_.free_nats - carried).clamp_min(0).sum();
      objective.terms.push_back({"free_nats", missing.expand({batch.x.size(0)}), kl_weight});
    }
    if (categories_.size(0) > 0) {  // O2
      const Tensor c = categories_.index_select(0, batch.indices);
      objective.terms.push_back({"anchor", -posterior_y(q_z.mean).log_prob(c), config_.anchor_weight});
    }
    return objective;
  }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {
    at::NoGradGuard no_grad;
    Tensor codes = over_blocks(fitting.data, [&](const Tensor& x) { return network_->code(x); });
    const Tensor z = networks::standardised(codes);
    const auto stop = fitting.stop();
    const double log_likelihood =
        config_.start == "graph" ? start_from_map(z, fitting, stop) : start_from_codes(z, fitting, stop);
    network_->standardise_code(codes);
    return {{{"log_likelihood", log_likelihood}}, true};
  }

  void end_epoch(const Stage& stage, const Step&, const Fitting& fitting) override {  // R1
    if (stage.name != "joint" || categories_.size(0) > 0 || config_.repair_below == 0) return;
    const auto size = static_cast<double>(fitting.data.size()), clusters = static_cast<double>(config_.clusters);
    for (int64_t repairs = 0; repairs < config_.clusters; ++repairs) {
      const Tensor names = over_blocks(fitting.data, [&](const Tensor& x) { return infer(x).y[0]; });
      const Tensor members = at::bincount(names, {}, config_.clusters);
      const int64_t empty = members.argmin().item<int64_t>(), full = members.argmax().item<int64_t>();
      if (members[empty].item<double>() >= config_.repair_below * size / clusters) return;
      fitting.observer.note(fmt::format("cluster {} had {} of {} examples and was begun anew, out of cluster {}", empty,
                                        members[empty].item<int64_t>(), size, full));
      const Tensor z = over_blocks(fitting.data, [&](const Tensor& x) { return posterior_z(x).mean; });
      divide(full, empty, z.index_select(0, names.eq(full).nonzero().flatten()),
             fitting.random.child("repair", repairs));
    }
  }

 private:
  /// A full-covariance fit of the standardised codes z [N, D], of which the prior keeps the diagonals.
  double start_from_codes(const Tensor& z, const Fitting& fitting, const classical::ShouldStop& stop) {
    classical::GaussianMixtureOptions options = {.components = config_.clusters,
                                                 .covariance = classical::Covariance::kFull,
                                                 .restarts = config_.mixtures(config_.clusters),
                                                 .variance_floor = 1e-3};
    auto fit = classical::fit_gaussian_mixture(z, options, fitting.random, stop);
    begin_with(fit.mixture);
    return fit.log_likelihood;
  }

  void begin_with(const classical::GaussianMixture& mixture) {
    prior_y_logits_.copy_(mixture.log_weights);
    prior_z_mean_.copy_(mixture.means);
    const Tensor& spread = mixture.covariances;
    prior_z_log_variance_.copy_((mixture.diagonal() ? spread : spread.diagonal(0, 1, 2)).log());
  }

  /// A1: one Gaussian for the codes of each category of the map.
  double start_from_map(const Tensor& z, const Fitting& fitting, const classical::ShouldStop& stop) {
    auto first = map_categories(fitting.data, config_.clusters, config_, fitting.random, stop);
    begin_with(
        classical::mixture_from_labels(z, first.names, {.components = config_.clusters, .variance_floor = 1e-3}));
    if (config_.anchor_weight > 0) categories_.set_data(first.names);
    return first.log_likelihood;
  }

  /// Components `a` and `b` become a mixture of two of the codes z [n, D], with the weight that a had.
  void divide(int64_t a, int64_t b, const Tensor& z, const Randomness& random) {
    const classical::GaussianMixtureOptions options = {.components = 2, .restarts = 10, .variance_floor = 1e-3};
    const auto halves = classical::fit_gaussian_mixture(z, options, random).mixture;
    const Tensor weight = prior_y_logits_[a].clone();
    for (const auto& [component, half] : {std::pair{a, 0}, std::pair{b, 1}}) {
      prior_y_logits_[component].copy_(weight + halves.log_weights[half]);
      prior_z_mean_[component].copy_(halves.means[half]);
      prior_z_log_variance_[component].copy_(halves.covariances[half].log());
    }
  }

  Config config_;
  bool unit_interval_;
  std::shared_ptr<networks::Autoencoder> network_;
  std::shared_ptr<networks::Dense> log_variance_head_;
  Tensor prior_y_logits_, prior_z_mean_, prior_z_log_variance_;
  Tensor categories_;  ///< [N] int64, of the map; empty where joint training is not held to them
};

}  // namespace

Method describe_vade() {
  return describe_method<Vade>({
      .name = "vade",
      .title = "Variational deep embedding",
      .summary = "A VAE whose prior is a Gaussian mixture: clusters and a generator learned together.",
      .source = "Jiang, Zheng, Tan, Tang, Zhou. Variational Deep Embedding. IJCAI 2017. arXiv:1611.05148",
      .tiny =
          {{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}, {"maps", 1}, {"pretrain_epochs", 2}, {"epochs", 2}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
