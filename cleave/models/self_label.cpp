// Self-labelling: categories of a neighbour graph, taught to a network on altered copies until the two agree.
//
// Source      The parts are known, their order here is ours: categories of a mixture on a neighbour-keeping map
//             (McConville et al. N2D. ICPR 2020, arXiv:1908.05968), self-labelling with the sure ones under
//             augmentation (Van Gansbeke et al. SCAN. ECCV 2020, arXiv:2005.12320), two views that teach each other
//             what both are sure of (Blum, Mitchell. Co-training. COLT 1998): here a classifier and a generator.
// Generates   y ~ Categorical(1/K)                  (G1)  prior_y
//             z ~ Normal(0, I)                      (G2)  prior_z
//             x | z, y ~ Likelihood(decode(z, y))   (G3)  log_likelihood
// Infers      q(z | x), q(y | x), both from the features g(x) of one encoder, families/category_vae.h   (I1)  posterior
// Start       c_i, the category of example i on the map, families/map_categories.h; the share `doubt` of each category
//             that is least likely there is not trusted                                              (A1)
// Minimises   -log p(x | z, c) + KL(q(z | x) || p(z)) - w t_i sum_y s(y; c_i) log q(y | x)            (O1)
//             one z ~ q(z | x), nats per example; t_i is 1 for an example whose category is trusted, else 0, and s is
//             1 - smoothing at c_i, and smoothing spread evenly over all.
//             After each pass from the `start_epochs`th on, on the examples as they are:
//             c_i = argmax_y q(y | x_i), and t_i is 0 for the share `unsure` that is named most weakly, and for those
//             of the weakest share `checked` that the generator names otherwise: argmax_y p(x_i | E q(z | x_i), y) (A2)
//             so that the classifier learns what both hold; the generator hears every c_i.
// Shapes      B batch, X features, D latent_dim, K clusters, N examples of the fit.
#include <algorithm>

#include "cleave/model/blocks.h"
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
  double unsure = 0.01;
  double checked = 0.1;
  double smoothing = 0.1;
  double category_weight = 50;
  int64_t start_epochs = 0;
  int64_t epochs = 0;
  double learning_rate = 2e-3;

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
    field("unsure", c.unsure, "Share of the examples, named most weakly, that is not trusted later.", between(0, 0.9));
    field("checked", c.checked, "Share, named most weakly, that is trusted only where the generator agrees.",
          between(0, 1));
    field("smoothing", c.smoothing, "Part of a trusted category that is spread evenly over all.", between(0, 0.9));
    field("category_weight", c.category_weight, "Weight w of the categories beside the generative model.", above(0));
    field("start_epochs", c.start_epochs,
          "Passes after which categories first follow the network; 0 takes three tenths of them.", at_least(0));
    field("epochs", c.epochs, "Passes over the data in all; 0 takes as many as 2700 batches of 256 need, 4 to 40.",
          at_least(0));
    field("learning_rate", c.learning_rate, "First learning rate; falls to 0 by a cosine.", above(0));
  }

  SelfLabelConfig resolved(const data::Description& data) const {
    SelfLabelConfig config = with_likelihood(*this, data);
    if (epochs == 0) config.epochs = epochs_worth(2700, data.size, 4, 40);
    if (start_epochs == 0) config.start_epochs = std::max<int64_t>((3 * config.epochs + 5) / 10, 1);
    return config;
  }
};

class SelfLabel : public CategoryVae {
 public:
  using Config = SelfLabelConfig;

  SelfLabel(const Config& config, const data::Description& data, const Randomness& random)
      : CategoryVae(config, config.clusters, data, random), config_(config) {
    names_ = register_buffer("categories", at::empty({0}, at::kLong));
    trusted_ = register_buffer("trusted", at::empty({0}));
  }

  // Objective --------------------------------------------------------------------------------------------------------

  Objective objective(const Batch& batch, const Stage&, const Step&, const Randomness& random) override {  // O1
    auto q = posterior(batch.x);
    Tensor c = q.y.log_probs.argmax(1), trusted = at::ones({c.size(0)});  // its own, before there are categories
    if (names_.size(0) > 0) {
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
    auto first = map_categories(fitting.data, config_.clusters, config_, fitting.random, fitting.stop());
    names_.set_data(first.names);
    trusted_.set_data(at::ones({first.names.size(0)}));
    for (int64_t k = 0; k < config_.clusters; ++k) {
      const Tensor members = first.names.eq(k).nonzero().flatten();
      trust_all_but(members, first.log_likelihoods.index_select(0, members), config_.doubt);
    }
    return {{{"log_likelihood", first.log_likelihood}}, true};
  }

  void end_epoch(const Stage&, const Step& step, const Fitting& fitting) override {  // A2
    if (step.epoch + 1 < config_.start_epochs) return;
    const Tensor q_y = over_blocks(fitting.data, [&](const Tensor& x) { return posterior(x).y.probs(); });
    auto [strength, c] = q_y.max(1);
    names_.copy_(c);
    trusted_.fill_(1);
    trust_all_but(at::arange(c.size(0)), strength, config_.unsure);
    const Tensor checked = weakest(strength, config_.checked);
    for (const Tensor& rows : checked.split(kBlock)) {
      const Tensor agrees = named_by_generator(fitting.data.rows(rows, step.epoch)).eq(c.index_select(0, rows));
      trusted_.index_copy_(0, rows, trusted_.index_select(0, rows) * agrees);
    }
  }

  /// argmax_y p(x | E q(z | x), y), [B].
  Tensor named_by_generator(const Tensor& x) const {
    const Tensor z = posterior(x).z.mean;
    std::vector<Tensor> log_likelihoods;
    for (int64_t k = 0; k < config_.clusters; ++k)
      log_likelihoods.push_back(log_likelihood(x, z, at::full({x.size(0)}, k, at::kLong)));
    return at::stack(log_likelihoods, 1).argmax(1);
  }

 private:
  static constexpr int64_t kBlock = 1000;

  /// Takes trust from the share of `rows` whose `strength` is least.
  void trust_all_but(const Tensor& rows, const Tensor& strength, double share) {
    trusted_.index_fill_(0, rows.index_select(0, weakest(strength, share)), 0);
  }

  Config config_;
  Tensor names_;    ///< [N] int64, c
  Tensor trusted_;  ///< [N] t
};

}  // namespace

Method describe_self_label() {
  return describe_method<SelfLabel>({
      .name = "self-label",
      .title = "Self-labelling",
      .summary = "Categories of a neighbour graph, taught to a network on altered copies until the two agree.",
      .source = "N2D (arXiv:1908.05968), SCAN (arXiv:2005.12320), co-training, combined",
      .tiny =
          {{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}, {"maps", 1}, {"epochs", 5}, {"learning_rate", 5e-3}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
