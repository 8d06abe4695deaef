// GM-DGM: a deep generative model whose code is a mixture, with the cluster summed over or relaxed.
//
// Source      Willetts, Doherty, Roberts, Holmes. Semi-Unsupervised Learning of Human Activity using Deep Generative
//             Models. NeurIPS workshop 2018, arXiv:1810.12176. As the baseline of VLAC: arXiv:1909.11501, section 4.
// Model       families/ladder_model.h with latents and clusters on one rung alone:
//             y ~ Categorical(1/K), z | y ~ Normal(m_y, diag s_y^2), x | z ~ Likelihood(decode(z))
// Infers      q(y | x) and q(z | x, y), as there
// Minimises   sum_y q(y | x) [-log p(x | z_y) + KL(q(z | x, y) || p(z | y))] + KL(q(y | x) || p(y))         (O1)
//             one z_y ~ q(z | x, y) for each y: nats per example. inference = "gumbel" puts one relaxed y in place of
//             the sum, which is the objective of families/ladder_model.h.
// Departs     The KL of z is the closed form, where the reference takes the difference of log-densities at the sample.
//             q(z | x, y) sees y beside the features of x, not beside x, so that summing over y climbs once.
// Reading     VLAC's comparison uses "the sub-networks" of the ladder that lead to its clustered rung: --rungs 4
//             --rung 3 is a ladder of four whose rung 3 alone has latents. One rung is the plain model.
// Shapes      B batch, X features, D latent_dim, K clusters.
#include "cleave/base/error.h"
#include "cleave/models/families/ladder_model.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

struct GmDgmConfig : networks::LadderConfig, networks::LikelihoodChoice {
  int64_t clusters = 10;
  int64_t latent_dim = 64;
  std::string inference = "marginalised";
  int64_t rungs = 1;
  int64_t rung = 1;
  double temperature = 1;
  double last_temperature = 0.5;
  double warm_up_steps = 0;
  int64_t epochs = 50;
  double learning_rate = 1e-3;

  GmDgmConfig() { hidden = {500, 500}; }

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of clusters K.", at_least(2));
    field("latent_dim", c.latent_dim, "Dimension D of the code z.", at_least(1));
    field("inference", c.inference, "How the objective treats the unknown cluster.",
          one_of({"marginalised", "gumbel"}));
    field("rungs", c.rungs, "Rungs of the ladder whose networks are used; 1 is the plain model.", at_least(1));
    field("rung", c.rung, "The rung that has the latents.", at_least(1));
    LadderConfig::fields(c, field);
    LikelihoodChoice::fields(c, field);
    field("temperature", c.temperature, "Gumbel: first temperature of the relaxed clusters.", above(0));
    field("last_temperature", c.last_temperature, "Gumbel: temperature of the last epoch.", above(0));
    field("warm_up_steps", c.warm_up_steps, "Steps over which the KL terms come in, as 1 - exp(-t / steps).",
          at_least(0));
    field("epochs", c.epochs, "Passes over the data.", at_least(0));
    field("learning_rate", c.learning_rate, "First learning rate; falls to 0 by a cosine.", above(0));
  }

  GmDgmConfig resolved(const data::Description& data) const {
    require<ArgumentError>(rung <= rungs, "--rung: {}, but the ladder has {}", rung, rungs);
    return with_likelihood(*this, data);
  }

  LadderModelConfig ladder() const {
    LadderModelConfig config{*this, *this};
    config.latent_dims.assign(rungs, 0);
    config.clusters.assign(rungs, 1);
    config.latent_dims[rung - 1] = latent_dim;
    config.clusters[rung - 1] = clusters;
    config.temperature = temperature;
    config.last_temperature = last_temperature;
    config.warm_up_steps = warm_up_steps;
    config.epochs = epochs;
    config.learning_rate = learning_rate;
    return config;
  }
};

class GmDgm : public LadderModel {
 public:
  using Config = GmDgmConfig;
  static constexpr Abilities kAbilities = {
      .clusters = true, .embeds = true, .decodes = true, .generates = true, .has_bound = true};

  GmDgm(const Config& config, const data::Description& data, const Randomness& random)
      : LadderModel(kAbilities, config.ladder(), data, random),
        rung_(config.rung - 1),
        marginalises_(config.inference == "marginalised") {}

  // Objective --------------------------------------------------------------------------------------------------------

  Objective marginalised_bound(const Tensor& x, double kl_weight, const at::Generator& generator) const {  // O1
    const probability::Categorical q_y = posterior_y(rung_, x);
    const Tensor shares = q_y.probs();
    const int64_t examples = shares.size(0), clusters = shares.size(1);
    // Every example with every cluster in one batch, [B K]: batch normalisation then sees all clusters, as it does when
    // the model is asked. Of a batch that has one y it would take away what this y adds.
    const Tensor features = ladder().climb(encoder_input(x), std::vector<Tensor>(config_.clusters.size()))[rung_];
    const Tensor y = at::eye(clusters).repeat({examples, 1});
    auto for_each_cluster = [&](const Tensor& rows) { return rows.repeat_interleave(clusters, 0); };
    auto expected = [&](const Tensor& nats) { return (shares * nats.view({examples, clusters})).sum(1); };
    const probability::DiagonalNormal q = posterior_z(rung_, at::cat({for_each_cluster(features), y}, 1));
    std::vector<Tensor> z(config_.clusters.size());
    z[rung_] = q.rsample(generator);
    return {{{"reconstruction", -expected(log_likelihood(for_each_cluster(x), z))},
             {"kl_z", expected(probability::kl(q, prior_z(rung_, y))), kl_weight},
             {"kl_y", probability::kl(q_y, prior_y(rung_)), kl_weight}}};
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  Objective objective(const Batch& batch, const Stage& stage, const Step& step, const Randomness& random) override {
    if (!marginalises_) return LadderModel::objective(batch, stage, step, random);
    return marginalised_bound(batch.x, saturating(config_.warm_up_steps)(step), random.stream("noise"));
  }

 private:
  using LadderModel::posterior_z;

  size_t rung_;
  bool marginalises_;
};

}  // namespace

Method describe_gm_dgm() {
  return describe_method<GmDgm>({
      .name = "gm-dgm",
      .title = "Gaussian mixture deep generative model",
      .summary = "A VAE whose code is drawn from a mixture, its cluster read from the data by a classifier.",
      .source = "Willetts, Doherty, Roberts, Holmes. Semi-unsupervised learning. 2018. arXiv:1810.12176",
      .tiny = {{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}, {"epochs", 20}, {"learning_rate", 5e-3}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
