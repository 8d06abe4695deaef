// Self-labelling: categories of a neighbour graph, taught to a network on altered copies until the two agree.
//
// Source      The parts are known, their order here is ours: categories of a mixture on a neighbour-keeping map
//             (McConville et al. N2D. ICPR 2020, arXiv:1908.05968), self-labelling with the sure ones under
//             augmentation (Van Gansbeke et al. SCAN. ECCV 2020, arXiv:2005.12320), beliefs averaged over passes
//             (Laine, Aila. Temporal ensembling. ICLR 2017, arXiv:1610.02242).
// Generates   y ~ Categorical(1/K)                  (G1)  prior_y
//             z ~ Normal(0, I)                      (G2)  prior_z
//             x | z, y ~ Likelihood(decode(z, y))   (G3)  log_likelihood
// Infers      q(z | x), q(y | x), both from the features g(x) of one encoder, families/category_vae.h   (I1)  posterior
// Start       c_i, the category of example i on the map, families/map_categories.h; the share `doubt` of each category
//             that is least likely there is not trusted                                              (A1)
// Minimises   -log p(x | z, c) + KL(q(z | x) || p(z)) - w t_i sum_y s(y; c_i) log q(y | x)            (O1)
//             one z ~ q(z | x), nats per example; t_i is 1 for an example whose category is trusted, else 0, and s is
//             1 - smoothing at c_i with the rest spread evenly.
//             After `start_epochs` passes c_i is the category that the network believes in, and the share `unsure` of
//             all whose belief is weakest is not trusted:
//             b_i <- memory b_i + q(y | x_i), c_i = argmax b_i                                        (A2)
//             Every pass alters the images anew, so that b averages what is said of several copies of the same one.
// Shapes      B batch, X features, D latent_dim, K clusters, N examples of the fit.
#include "cleave/model/likelihood_choice.h"
#include "cleave/models/families/category_vae.h"
#include "cleave/models/families/map_categories.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;
using probability::Categorical;

namespace {

struct SelfLabelConfig : networks::AutoencoderConfig, MapCategoriesConfig {
  int64_t clusters = 10;
  double doubt = 0.1;
  double unsure = 0.05;
  double memory = 0.5;
  double smoothing = 0.1;
  double category_weight = 50;
  int64_t start_epochs = 2;
  int64_t epochs = 10;
  double learning_rate = 1e-3;

  SelfLabelConfig() {
    hidden = {500, 500};
    channels = {16, 32, 64};
  }

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of categories K.", at_least(1));
    AutoencoderConfig::fields(c, field);
    MapCategoriesConfig::fields(c, field);
    field("doubt", c.doubt, "Share of each category, least likely on the map, that is not trusted at first.",
          between(0, 0.9));
    field("unsure", c.unsure, "Share of the examples, weakest in belief, that is not trusted later.", between(0, 0.9));
    field("memory", c.memory, "What a belief keeps of earlier passes.", between(0, 0.99));
    field("smoothing", c.smoothing, "Probability that a trusted category is another one.", between(0, 0.9));
    field("category_weight", c.category_weight, "Weight w of the categories beside the generative model.", above(0));
    field("start_epochs", c.start_epochs, "Passes before categories follow the network.", at_least(1));
    field("epochs", c.epochs, "Passes over the data in all.", at_least(1));
    field("learning_rate", c.learning_rate, "First learning rate; falls to 0 by a cosine.", above(0));
  }

  SelfLabelConfig resolved(const data::Description& data) const { return with_likelihood(*this, data); }
};

class SelfLabel : public CategoryVae {
 public:
  using Config = SelfLabelConfig;

  SelfLabel(const Config& config, const data::Description& data, const Randomness& random)
      : CategoryVae(config, config.clusters, data, random), config_(config) {
    names_ = register_buffer("categories", at::empty({0}, at::kLong));
    trusted_ = register_buffer("trusted", at::empty({0}));
    belief_ = register_buffer("belief", at::empty({0, config.clusters}));
  }

  // Objective --------------------------------------------------------------------------------------------------------

  Objective objective(const Batch& batch, const Stage&, const Step& step, const Randomness& random) override {  // O1
    if (step.batch == 0 && step.epoch >= config_.start_epochs) believe();
    auto q = posterior(batch.x);
    Tensor c = q.y.log_probs.argmax(1), trusted = at::ones({c.size(0)});  // its own, before there are categories
    if (names_.size(0) > 0) {
      remember(batch.indices, q.y);
      c = names_.index_select(0, batch.indices);
      trusted = trusted_.index_select(0, batch.indices);
    }
    const Tensor reconstruction = -log_likelihood(batch.x, q.z.rsample(random.stream("noise")), c);
    const Tensor told = (1 - config_.smoothing) * q.y.log_prob(c) + config_.smoothing * q.y.log_probs.mean(1);
    return {{{"reconstruction", reconstruction},
             {"kl_z", probability::kl(q.z, prior_z())},
             {"category", -trusted * told, config_.category_weight}}};
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    return {{.name = "categories", .closed_form = true},
            {.name = "fit", .epochs = config_.epochs, .optimise = {{"", cosine(config_.learning_rate)}}}};
  }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {  // A1
    auto first = map_categories(fitting.data.all(), config_.clusters, config_, fitting.random,
                                [&] { return fitting.observer.should_stop(); });
    names_.set_data(first.names);
    trusted_.set_data(at::ones({first.names.size(0)}));
    belief_.set_data(at::zeros({first.names.size(0), config_.clusters}));
    for (int64_t k = 0; k < config_.clusters; ++k) {
      const Tensor members = first.names.eq(k).nonzero().flatten();
      trust_all_but(members, first.log_likelihoods.index_select(0, members), config_.doubt);
    }
    return {{{"log_likelihood", first.log_likelihood}}, true};
  }

 private:
  /// A2, the first half: what is said of these examples now.
  void remember(const Tensor& indices, const Categorical& q_y) {
    at::NoGradGuard no_grad;
    const Tensor before = belief_.index_select(0, indices);
    belief_.index_copy_(0, indices, config_.memory * before + q_y.probs());
  }

  /// A2, the second half, between two passes.
  void believe() {
    if (names_.size(0) == 0) return;
    at::NoGradGuard no_grad;
    auto [strength, c] = (belief_ / belief_.sum(1, true).clamp_min(1e-12)).max(1);
    names_.copy_(c);
    trusted_.fill_(1);
    trust_all_but(at::arange(c.size(0)), strength, config_.unsure);
  }

  /// Takes trust from the share of `rows` whose `strength` is least.
  void trust_all_but(const Tensor& rows, const Tensor& strength, double share) {
    const auto count = static_cast<int64_t>(share * static_cast<double>(rows.size(0)));
    trusted_.index_fill_(0, rows.index_select(0, strength.argsort(/*stable=*/true).narrow(0, 0, count)), 0);
  }

  Config config_;
  Tensor names_;    ///< [N] int64, c
  Tensor trusted_;  ///< [N] t
  Tensor belief_;   ///< [N, K] b
};

}  // namespace

Method describe_self_label() {
  return describe_method<SelfLabel>({
      .name = "self-label",
      .title = "Self-labelling",
      .summary = "Categories of a neighbour graph, taught to a network on altered copies until the two agree.",
      .source = "N2D (arXiv:1908.05968), SCAN (arXiv:2005.12320), temporal ensembling (arXiv:1610.02242), combined",
      .tiny =
          {{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}, {"maps", 1}, {"epochs", 5}, {"learning_rate", 5e-3}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
