// The simple generative model: one deterministic code, from which a Gaussian and a categorical variable are read side
// by side.
//
// Source      Arias, Ramirez. Is Simple Better? Revisiting Simple Generative Models for Unsupervised Clustering.
//             NIPS Workshop on Bayesian Deep Learning 2017.
// Generates   y ~ Categorical(1/K)              (G1)  prior_y
//             z ~ Normal(0, I)                  (G2)  prior_z
//             x | z, y ~ Likelihood(decode(z, y))   (G3)  log_likelihood
// Infers      q(z | x) q(y | x), both from the features g(x) of one encoder, families/category_vae.h   (I1)  posterior
// Minimises   w_R (-log p(x | z, y)) + w_C KL(q(y | x) || p(y)) + w_G KL(q(z | x) || p(z))              (O1)
//             one z and one relaxed y (Gumbel-Softmax) per example, nats per example. w_G above 1 narrows the way
//             through z, so that y must carry what tells examples apart.
// Start       from one objective alone, categories fall anywhere or stay unused. By default the first categories are
//             those of a mixture on a neighbour-keeping map, families/map_categories.h (A1), and for a few epochs the
//             decoder is told them and q(y | x) learns them:
//             w_R (-log p(x | z, y)) + w_G KL(q(z | x) || p(z)) - w_S log q(y | x)                        (O2)
//             --start none is the paper's.
// Reading     The paper keeps w_G alone and does not say its value, nor the networks and the temperature's schedule:
//             here 1 falling to 0.5 exponentially over the epochs.
// Shapes      B batch, X features, D latent_dim, K clusters.
#include "cleave/model/likelihood_choice.h"
#include "cleave/models/families/category_vae.h"
#include "cleave/models/families/map_categories.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

struct SimpleGmConfig : networks::AutoencoderConfig, MapCategoriesConfig {
  int64_t clusters = 10;
  double reconstruction_weight = 1;
  double category_weight = 1;
  double gaussian_weight = 5;
  double temperature = 1;
  double last_temperature = 0.5;
  std::string start = "graph";
  int64_t start_epochs = 3;
  double start_weight = 20;
  int64_t epochs = 30;
  double learning_rate = 1e-3;

  SimpleGmConfig() {
    latent_dim = 64;
    hidden = {500, 500};
  }

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of categories K.", at_least(1));
    AutoencoderConfig::fields(c, field);
    field("reconstruction_weight", c.reconstruction_weight, "Weight w_R of the reconstruction.", at_least(0));
    field("category_weight", c.category_weight, "Weight w_C of the category's KL.", at_least(0));
    field("gaussian_weight", c.gaussian_weight, "Weight w_G of the Gaussian's KL.", at_least(0));
    field("temperature", c.temperature, "First temperature of the relaxed categories.", above(0));
    field("last_temperature", c.last_temperature, "Temperature of the last epoch.", above(0));
    field("start", c.start, "First categories: of a mixture on a neighbour-keeping map, or none.",
          one_of({"graph", "none"}));
    field("start_epochs", c.start_epochs, "Passes in which the first categories are learned.", at_least(1));
    field("start_weight", c.start_weight, "Weight w_S of q(y | x) against the first categories.", above(0));
    MapCategoriesConfig::fields(c, field);
    field("epochs", c.epochs, "Passes over the data.", at_least(0));
    field("learning_rate", c.learning_rate, "First learning rate; falls to 0 by a cosine.", above(0));
  }

  SimpleGmConfig resolved(const data::Description& data) const { return with_likelihood(*this, data); }
};

class SimpleGm : public CategoryVae {
 public:
  using Config = SimpleGmConfig;

  SimpleGm(const Config& config, const data::Description& data, const Randomness& random)
      : CategoryVae(config, config.clusters, data, random), config_(config) {
    first_ = register_buffer("first_categories", at::empty({0}, at::kLong));
  }

  // Objective --------------------------------------------------------------------------------------------------------

  Objective bound(const Tensor& x, double temperature, at::Generator generator) const {  // O1
    auto q = posterior(x);
    Tensor z = q.z.rsample(generator), y = q.y.rsample_relaxed(temperature, generator);
    return {{{"reconstruction", -log_likelihood(x, z, y), config_.reconstruction_weight},
             {"kl_y", probability::kl(q.y, prior_y()), config_.category_weight},
             {"kl_z", probability::kl(q.z, prior_z()), config_.gaussian_weight}}};
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    std::vector<Stage> stages;
    if (config_.start == "graph") {
      stages.push_back({.name = "categories", .closed_form = true});
      stages.push_back(
          {.name = "start", .epochs = config_.start_epochs, .optimise = {{"", constant(config_.learning_rate)}}});
    }
    stages.push_back({.name = "fit", .epochs = config_.epochs, .optimise = {{"", cosine(config_.learning_rate)}}});
    return stages;
  }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {  // A1
    const auto stop = fitting.stop();
    auto first = map_categories(fitting.data, config_.clusters, config_, fitting.random, stop);
    first_.set_data(first.names);
    return {{{"log_likelihood", first.log_likelihood}}, true};
  }

  Objective start(const Batch& batch, at::Generator generator) const {  // O2
    auto q = posterior(batch.x);
    // Before there are any first categories, its own.
    const Tensor names = first_.size(0) > 0 ? first_.index_select(0, batch.indices) : q.y.log_probs.argmax(1);
    return {{{"reconstruction", -log_likelihood(batch.x, q.z.rsample(generator), names), config_.reconstruction_weight},
             {"kl_z", probability::kl(q.z, prior_z()), config_.gaussian_weight},
             {"first_category", -q.y.log_prob(names), config_.start_weight}}};
  }

  Objective objective(const Batch& batch, const Stage& stage, const Step& step, const Randomness& random) override {
    if (stage.name == "start") return start(batch, random.stream("noise"));
    double temperature = exponential(config_.temperature, config_.last_temperature)(step);
    return bound(batch.x, temperature, random.stream("noise"));
  }

 private:
  Config config_;
  Tensor first_;  ///< [N] int64, categories that the fit starts from; empty where there is no such start
};

}  // namespace

Method describe_simple_gm() {
  return describe_method<SimpleGm>({
      .name = "simple-gm",
      .title = "Simple generative model",
      .summary = "A VAE with one Gaussian and one categorical variable: clusters from a single objective, end to end.",
      .source = "Arias, Ramirez. Is Simple Better? NIPS Workshop on Bayesian Deep Learning 2017",
      .tiny = {{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}, {"epochs", 20}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
