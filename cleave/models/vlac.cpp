// Variational ladder autoencoder for clustering (VLAC): a clustering by another attribute on each rung.
//
// Source      Willetts, Roberts, Holmes. Disentangling to Cluster: Gaussian Mixture Variational Ladder Autoencoders.
//             arXiv:1909.11501.
// Model       families/ladder_model.h, with K_l clusters on rung l; a rung of one cluster is one of VLAE's.
// Minimises   equation (9): -log p(x | z) + sum_l KL(q(z_l | x, y) || p(z_l | y_l)) + sum_l KL(q(y_l | x) || p(y_l)),
//             with one relaxed y                                            (O1)  families/ladder_model.h
// Start       From (O1) alone a clustering rung mostly stays unused, or takes the colours. By default the ladder
//             is first trained without mixtures, the lowest rung from the beginning and each higher one a little
//             later, so that what is easy to draw settles low and leaves the rest to the rungs above:
//             -log p(x | z) + sum_l KL(q(z_l | x) || Normal(0, I)), z_l ~ Normal(0, I) where l has not joined    (O2)
//             Then a mixture of full covariance is fitted to the posterior means of each clustering rung (A1), whose
//             components give p(z_l | y_l), and q(y_l | x) learns whose part each example is: -log q(y_l | x)    (O3)
//             (O1) then moves all of it together, for a short time: components with a diagonal each cannot hold for
//             long what those with full covariances found. --start none is the paper's.
// Reading     The paper names neither widths nor rates, temperatures or likelihood. The defaults are ours; the
//             temperature falls exponentially, and `straight_through` makes the clusters that the decoder sees hard.
//             The trunk of rung l sees y_{l-1} and the heads of rung l see y_l, as the paper draws it.
#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/classical/gaussian_mixture.h"
#include "cleave/model/blocks.h"
#include "cleave/models/families/ladder_model.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

constexpr double kJointRate = 0.05;  // of the learning rate, once there is a start to keep

struct VlacConfig : LadderModelConfig {
  std::string start = "mixture";
  int64_t pretrain_epochs = 10;
  double join_epochs = 0.5;
  int64_t start_epochs = 2;
  int64_t restarts = 3;

  VlacConfig() {
    clusters = {1, 1, 10};
    straight_through = true;
    epochs = 2;
    learning_rate = 1e-3;
  }

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Clusters K_l of each rung, the lowest first; 1 is none.", at_least(1));
    LadderModelConfig::fields(c, field);
    field("start", c.start, "Where clusters start: from a mixture on a ladder trained without, or none.",
          one_of({"mixture", "none"}));
    field("pretrain_epochs", c.pretrain_epochs, "Passes of the start without mixtures.", at_least(1));
    field("join_epochs", c.join_epochs, "Passes by which each rung joins later than the one below it.", at_least(0));
    field("start_epochs", c.start_epochs, "Passes in which q(y | x) learns the mixtures' parts.", at_least(1));
    field("restarts", c.restarts, "Mixtures per rung, of which the likeliest is kept.", at_least(1));
    field("temperature", c.temperature, "First temperature of the relaxed clusters.", above(0));
    field("last_temperature", c.last_temperature, "Temperature of the last epoch.", above(0));
    field("straight_through", c.straight_through,
          "Whether the decoder sees hard clusters, gradients the relaxed ones.");
  }

  VlacConfig resolved(const data::Description& data) const {
    const double last_joins = join_epochs * static_cast<double>(clusters.size() - 1);
    require<ArgumentError>(start == "none" || last_joins < static_cast<double>(pretrain_epochs),
                           "--pretrain-epochs: {}, but the last of {} rungs joins after {} by --join-epochs {}",
                           pretrain_epochs, clusters.size(), last_joins, join_epochs);
    return with_likelihood(*this, data);
  }
};

class Vlac : public LadderModel {
 public:
  using Config = VlacConfig;
  static constexpr Abilities kAbilities = {
      .clusters = true, .embeds = true, .decodes = true, .generates = true, .has_bound = true};

  Vlac(const Config& config, const data::Description& data, const Randomness& random)
      : LadderModel(abilities_of(config), config, data, random), settings_(config) {
    for (size_t l = 0; l < config.clusters.size(); ++l)
      parts_.push_back(clusters_at(l) ? register_buffer(fmt::format("first_parts_{}", l + 1), at::empty({0}, at::kLong))
                                      : Tensor());
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    if (settings_.start == "none" || !abilities().clusters) return LadderModel::stages();
    return {
        {.name = "pretrain", .epochs = settings_.pretrain_epochs, .optimise = {{"", cosine(settings_.learning_rate)}}},
        {.name = "mixtures", .closed_form = true},
        {.name = "parts",
         .epochs = settings_.start_epochs,
         .optimise = {{"ladder.classifier", cosine(settings_.learning_rate)},
                      {"ladder.classes", cosine(settings_.learning_rate)}}},
        {.name = "joint",
         .epochs = settings_.epochs,
         .optimise = {{"", cosine(kJointRate * settings_.learning_rate)}}}};
  }

  Objective objective(const Batch& batch, const Stage& stage, const Step& step, const Randomness& random) override {
    if (stage.name == "pretrain") return without_mixtures(batch.x, step, random.stream("noise"));
    if (stage.name == "parts") return of_parts(batch);
    if (stage.name == "joint") {
      double temperature = exponential(settings_.temperature, settings_.last_temperature)(step);
      return bound(batch.x, temperature, /*kl_weight=*/1, random.stream("noise"));
    }
    return LadderModel::objective(batch, stage, step, random);
  }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {  // A1
    at::NoGradGuard no_grad;
    Iteration done{{}, true};
    for (size_t l = 0; l < parts_.size(); ++l) {
      if (!clusters_at(l)) continue;
      const int64_t dimensions = settings_.latent_dims[l];
      const Tensor codes = over_blocks(fitting.data, [&](const Tensor& x) {
        const auto q = posterior_z(x, even(x.size(0)))[l];
        return at::cat({q.mean, q.log_variance.exp()}, 1);
      });
      const Tensor means = codes.narrow(1, 0, dimensions), variances = codes.narrow(1, dimensions, dimensions);
      const classical::GaussianMixtureOptions options = {.components = settings_.clusters[l],
                                                         .covariance = classical::Covariance::kFull,
                                                         .restarts = settings_.restarts,
                                                         .variance_floor = 1e-2};
      auto fit = classical::fit_gaussian_mixture(means, options, fitting.random.child("mixture", l), fitting.stop());
      const Tensor shares = fit.mixture.responsibilities(means).to(at::kFloat);  // [N, K]
      const Tensor totals = shares.sum(0).clamp_min(1e-3).unsqueeze(1);
      const Tensor centres = shares.t().mm(means) / totals;
      const Tensor squares = shares.t().mm(means.square() + variances) / totals;
      prior_mean(l).copy_(centres);
      prior_log_variance(l).copy_((squares - centres.square()).clamp_min(1e-3).log());
      parts_[l].set_data(shares.argmax(1));
      done.values.emplace_back(fmt::format("log_likelihood_{}", l + 1), fit.log_likelihood);
    }
    return done;
  }

 private:
  /// Shares of the clusters that say nothing.
  std::vector<Tensor> even(int64_t count) const {
    std::vector<Tensor> y;
    for (size_t l = 0; l < parts_.size(); ++l) {
      const int64_t k = settings_.clusters[l];
      y.push_back(clusters_at(l) ? at::full({count, k}, 1.0 / static_cast<double>(k)) : Tensor());
    }
    return y;
  }

  Objective without_mixtures(const Tensor& x, const Step& step, const at::Generator& generator) const {  // O2
    const double passes = step.progress() * static_cast<double>(step.epochs);
    const auto q = posterior_z(x, even(x.size(0)));
    std::vector<Tensor> z;
    std::vector<Term> divergences;
    for (size_t l = 0; l < q.size(); ++l) {
      const bool joined = passes >= static_cast<double>(l) * settings_.join_epochs;
      z.push_back(joined ? q[l].rsample(generator) : at::randn(q[l].mean.sizes(), generator));
      divergences.push_back({fmt::format("kl_z_{}", l + 1),
                             joined ? probability::kl_from_standard_normal(q[l]).sum(1) : at::zeros({x.size(0)})});
    }
    Objective objective{{{"reconstruction", -log_likelihood(x, z)}}};
    objective.terms.insert(objective.terms.end(), divergences.begin(), divergences.end());
    return objective;
  }

  Objective of_parts(const Batch& batch) const {  // O3
    Objective objective;
    for (size_t l = 0; l < parts_.size(); ++l) {
      if (!clusters_at(l)) continue;
      const probability::Categorical q_y = posterior_y(l, batch.x);
      // Before there are mixtures, its own parts.
      const Tensor parts = parts_[l].size(0) > 0 ? parts_[l].index_select(0, batch.indices) : q_y.log_probs.argmax(1);
      objective.terms.push_back({fmt::format("part_{}", l + 1), -q_y.log_prob(parts)});
    }
    return objective;
  }

  static Abilities abilities_of(const Config& config) {
    Abilities abilities = kAbilities;
    abilities.clusters = std::any_of(config.clusters.begin(), config.clusters.end(), [](int64_t k) { return k > 1; });
    return abilities;
  }

  Config settings_;
  std::vector<Tensor> parts_;  ///< [N] int64 per rung, the component of each example; undefined where K_l = 1
};

}  // namespace

Method describe_vlac() {
  return describe_method<Vlac>({
      .name = "vlac",
      .title = "Variational ladder autoencoder for clustering",
      .summary = "A ladder of latents with a mixture on any rung: several clusterings, each by another attribute.",
      .source = "Willetts, Roberts, Holmes. Disentangling to Cluster. 2019. arXiv:1909.11501",
      .tiny = {{"latent_dims", {2, 2}},
               {"clusters", {2, 3}},
               {"hidden", {16}},
               {"pretrain_epochs", 5},
               {"epochs", 5},
               {"learning_rate", 5e-3}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
