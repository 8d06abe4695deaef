// A ladder of latents, each of whose rungs may have a mixture of its own: what VLAE and VLAC share.
//
// Generates   y_l ~ Categorical(1 / K_l)                      (G1)  prior_y
//             z_l | y_l ~ Normal(m_{l, y_l}, diag s_{l, y_l}^2)   (G2)  prior_z; Normal(0, I) where K_l = 1
//             x | z_1, ..., z_L ~ Likelihood(descend(z))      (G3)
// Infers      q(y_l | x) = Categorical(logits_l(x))           (I1)  posterior_y
//             q(z_l | x, y_{l-1}, y_l) = Normal(heads of climb(x, y)_l)       (I2)  posterior_z
// Minimises   -log p(x | z) + sum_l KL(q(z_l | x, y) || p(z_l | y_l)) + sum_l KL(q(y_l | x) || p(y_l))      (O1)
//             one z and one relaxed y (Gumbel-Softmax) per example; p(z_l | y) of a relaxed y has the mean and the
//             log-variance that its shares mix. Nats per example; both KLs rise to their weight as 1 - exp(-t / steps).
// Shapes      B batch, X features, L rungs (the first nearest to the data), D_l latents (0: the rung has none), K_l
//             clusters.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "cleave/model/likelihood_choice.h"
#include "cleave/model/model.h"
#include "cleave/networks/autoencoder.h"
#include "cleave/networks/ladder.h"
#include "cleave/probability/distributions.h"

namespace cleave::models {

struct LadderModelConfig : networks::LadderConfig, networks::LikelihoodChoice {
  std::vector<int64_t> latent_dims = {2, 2, 2};
  std::vector<int64_t> clusters = {1, 1, 1};
  double temperature = 1;
  double last_temperature = 0.5;
  bool straight_through = false;
  double warm_up_steps = 2000;
  int64_t epochs = 50;
  double learning_rate = 2e-4;

  /// The settings of a ladder without mixtures.
  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("latent_dims", c.latent_dims, "Dimensions D_l of the latents of each rung, the lowest first; 0 is none.",
          at_least(0));
    LadderConfig::fields(c, field);
    LikelihoodChoice::fields(c, field);
    field("warm_up_steps", c.warm_up_steps,
          "Steps over which the KL terms come in, as 1 - exp(-t / steps); not where VLAC starts from a mixture.",
          at_least(0));
    field("epochs", c.epochs, "Passes over the data.", at_least(0));
    field("learning_rate", c.learning_rate, "First learning rate; falls to 0 by a cosine.", above(0));
  }
};

class LadderModel : public model::Model {
 public:
  LadderModel(model::Abilities abilities, const LadderModelConfig& config, const data::Description& data,
              const Randomness& random)
      : Model(abilities), config_(config) {
    const size_t rungs = config.latent_dims.size();
    ladder_ =
        register_module("ladder", std::make_shared<networks::Ladder>(config, data.shape, data.width, config.latent_dims,
                                                                     config.clusters, random));
    likelihood_ = register_module(
        "likelihood", std::make_shared<probability::Likelihood>(config.likelihood, data.width, config.variance));
    for (size_t l = 0; l < rungs; ++l) {
      means_.emplace_back();
      log_variances_.emplace_back();
      prior_means_.emplace_back();
      prior_log_variances_.emplace_back();
      if (config.latent_dims[l] == 0) continue;
      auto head = [&](const std::string& name) {
        const std::string full = fmt::format("{}_{}", name, l + 1);
        return register_module(
            full, std::make_shared<networks::Dense>(ladder_->features(l), config.latent_dims[l], random.stream(full)));
      };
      means_.back() = head("mean");
      log_variances_.back() = head("log_variance");
      if (!clusters_at(l)) continue;
      // Equal means would leave the gradient nothing to tell clusters apart by.
      const std::vector<int64_t> shape = {config.clusters[l], config.latent_dims[l]};
      const std::string rung = fmt::format("_{}", l + 1);
      prior_means_.back() =
          register_parameter("prior_mean" + rung, 0.5 * at::randn(shape, random.stream("prior" + rung)));
      prior_log_variances_.back() = register_parameter("prior_log_variance" + rung, at::zeros(shape));
    }
  }

  // Generative model -------------------------------------------------------------------------------------------------

  probability::Categorical prior_y(size_t l) const {  // G1 [K_l]
    return probability::Categorical::uniform(config_.clusters[l], at::kFloat);
  }
  /// p(z_l | y_l), for shares y [B, K_l] of the clusters: [B, D_l]; [D_l] where there are none.
  probability::DiagonalNormal prior_z(size_t l, const Tensor& y) const {  // G2
    if (!clusters_at(l)) return {at::zeros({config_.latent_dims[l]}), at::zeros({config_.latent_dims[l]})};
    return {y.mm(prior_means_[l]), y.mm(prior_log_variances_[l].clamp(-7, 5))};
  }
  Tensor log_likelihood(const Tensor& x, const std::vector<Tensor>& z) const {  // G3 [B]
    return likelihood_->log_prob(x, ladder_->descend(z).to(at::kFloat));
  }

  Tensor log_joint(const Tensor& x, const model::Latents& h) override {
    Tensor sum = log_likelihood(x, h.z);
    for (size_t l = 0; l < h.z.size(); ++l) {
      sum = sum + prior_z(l, shares(l, h.y[l])).log_prob(h.z[l]);
      if (clusters_at(l)) sum = sum - std::log(static_cast<double>(config_.clusters[l]));
    }
    return sum;
  }
  model::Latents sample_prior(int64_t count, std::optional<int64_t> cluster, size_t facet,
                              at::Generator generator) override {
    model::Latents h;
    const std::vector<model::Facet> all = facets();
    for (size_t l = 0; l < config_.latent_dims.size(); ++l) {
      const bool fixed = cluster && facet < all.size() && all[facet].layer == static_cast<int64_t>(l);
      Tensor y;
      if (fixed)
        y = at::full({count}, *cluster, at::kLong);
      else if (clusters_at(l))
        y = at::randint(config_.clusters[l], {count}, generator, at::kLong);
      probability::DiagonalNormal p = prior_z(l, shares(l, y));
      h.z.push_back(probability::DiagonalNormal{p.mean.expand({count, -1}), p.log_variance.expand({count, -1})}.rsample(
          generator));
      h.y.push_back(y);
    }
    return h;
  }
  Tensor decode(const model::Latents& h) override { return likelihood_->mean(ladder_->descend(h.z)); }

  // Inference model --------------------------------------------------------------------------------------------------

  probability::Categorical posterior_y(size_t l, const Tensor& x) const {  // I1 [B, K_l]
    return probability::Categorical::from_logits(ladder_->logits(l, likelihood_->encoder_input(x)).to(at::kFloat));
  }
  /// q(z_l | x, y) of every rung, for shares of the clusters (undefined where there are none).
  std::vector<probability::DiagonalNormal> posterior_z(const Tensor& x, const std::vector<Tensor>& y) const {  // I2
    std::vector<Tensor> features = ladder_->climb(likelihood_->encoder_input(x), y);
    std::vector<probability::DiagonalNormal> q;
    for (size_t l = 0; l < config_.latent_dims.size(); ++l) {
      const Tensor none = at::zeros({x.size(0), 0});
      q.push_back(means_[l] ? posterior_z(l, features[l]) : probability::DiagonalNormal{none, none});
    }
    return q;
  }

  model::Latents sample_posterior(const Tensor& x, at::Generator generator) override {
    model::Latents h;
    for (size_t l = 0; l < config_.latent_dims.size(); ++l)
      h.y.push_back(clusters_at(l) ? posterior_y(l, x).sample(generator) : Tensor());
    for (const auto& q : posterior_z(x, shares(h.y)))
      h.z.push_back(q.rsample(generator));
    return h;
  }
  Tensor log_posterior(const model::Latents& h, const Tensor& x) override {
    auto q = posterior_z(x, shares(h.y));
    Tensor sum = at::zeros({x.size(0)});
    for (size_t l = 0; l < q.size(); ++l) {
      sum = sum + q[l].log_prob(h.z[l]);
      if (clusters_at(l)) sum = sum + posterior_y(l, x).log_prob(h.y[l]);
    }
    return sum;
  }
  model::Latents infer(const Tensor& x) override {
    model::Latents h;
    for (size_t l = 0; l < config_.latent_dims.size(); ++l)
      h.y.push_back(clusters_at(l) ? posterior_y(l, x).log_probs.argmax(-1) : Tensor());
    for (const auto& q : posterior_z(x, shares(h.y)))
      h.z.push_back(q.mean);
    return h;
  }
  Tensor responsibilities(const Tensor& x, size_t facet) override {
    if (facet >= facets().size()) return Model::responsibilities(x, facet);  // says that there is none
    return posterior_y(static_cast<size_t>(facets().at(facet).layer), x).probs();
  }
  std::vector<model::Facet> facets() const override {
    std::vector<model::Facet> all;
    for (size_t l = 0; l < config_.clusters.size(); ++l) {
      if (clusters_at(l)) all.push_back({static_cast<int64_t>(l), config_.clusters[l]});
    }
    return all;
  }
  Tensor information(const Tensor& x) override {
    std::vector<Tensor> y = shares(infer(x).y), nats;
    auto q = posterior_z(x, y);
    for (size_t l = 0; l < q.size(); ++l) {
      auto p = prior_z(l, y[l]);
      Tensor ratio = q[l].log_variance - p.log_variance;
      nats.push_back(0.5 * (ratio.exp() + (q[l].mean - p.mean).square() * (-p.log_variance).exp() - 1 - ratio));
    }
    return at::cat(nats, 1);
  }

  // Objective --------------------------------------------------------------------------------------------------------

  model::Objective bound(const Tensor& x, double temperature, double kl_weight, at::Generator generator) const {  // O1
    std::vector<Tensor> y, z;
    std::vector<model::Term> of_y;
    for (size_t l = 0; l < config_.latent_dims.size(); ++l) {
      y.emplace_back();
      if (!clusters_at(l)) continue;
      probability::Categorical q_y = posterior_y(l, x);
      y.back() = relaxed(l, q_y, temperature, generator);
      of_y.push_back({fmt::format("kl_y_{}", l + 1), probability::kl(q_y, prior_y(l)), kl_weight});
    }
    auto q = posterior_z(x, y);
    for (const auto& of_rung : q)
      z.push_back(of_rung.rsample(generator));
    model::Objective objective{{{"reconstruction", -log_likelihood(x, z)}}};
    for (size_t l = 0; l < q.size(); ++l) {
      if (!means_[l]) continue;
      objective.terms.push_back({fmt::format("kl_z_{}", l + 1), probability::kl(q[l], prior_z(l, y[l])), kl_weight});
    }
    objective.terms.insert(objective.terms.end(), of_y.begin(), of_y.end());
    return objective;
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<model::Stage> stages() const override {
    return {{.name = "fit", .epochs = config_.epochs, .optimise = {{"", model::cosine(config_.learning_rate)}}}};
  }
  model::Objective objective(const model::Batch& batch, const model::Stage&, const model::Step& step,
                             const Randomness& random) override {
    double temperature = model::exponential(config_.temperature, config_.last_temperature)(step);
    double weight = model::saturating(config_.warm_up_steps)(step);
    return bound(batch.x, temperature, weight, random.stream("noise"));
  }

 protected:
  /// q(z_l | x, y) from the features of its rung, [B, ladder().features(l)].
  probability::DiagonalNormal posterior_z(size_t l, const Tensor& features) const {
    return networks::normal(*means_[l], *log_variances_[l], features);
  }
  const networks::Ladder& ladder() const { return *ladder_; }
  Tensor encoder_input(const Tensor& x) const { return likelihood_->encoder_input(x); }

  LadderModelConfig config_;

  bool clusters_at(size_t l) const { return config_.clusters[l] > 1; }
  Tensor& prior_mean(size_t l) { return prior_means_[l]; }                  ///< [K_l, D_l]
  Tensor& prior_log_variance(size_t l) { return prior_log_variances_[l]; }  ///< [K_l, D_l]

 private:
  /// Clusters [B] int64 as shares [B, K_l]; undefined where there are none.
  Tensor shares(size_t l, const Tensor& y) const {
    return y.defined() ? at::one_hot(y, config_.clusters[l]).to(at::kFloat) : Tensor();
  }
  std::vector<Tensor> shares(const std::vector<Tensor>& y) const {
    std::vector<Tensor> all;
    for (size_t l = 0; l < y.size(); ++l)
      all.push_back(shares(l, y[l]));
    return all;
  }
  Tensor relaxed(size_t l, const probability::Categorical& q_y, double temperature, at::Generator generator) const {
    Tensor y = q_y.rsample_relaxed(temperature, std::move(generator));
    return config_.straight_through ? shares(l, y.argmax(-1)) + y - y.detach() : y;
  }

  std::shared_ptr<networks::Ladder> ladder_;
  std::shared_ptr<probability::Likelihood> likelihood_;
  std::vector<std::shared_ptr<networks::Dense>> means_, log_variances_;
  std::vector<Tensor> prior_means_, prior_log_variances_;  ///< [K_l, D_l], undefined where K_l = 1
};

}  // namespace cleave::models
