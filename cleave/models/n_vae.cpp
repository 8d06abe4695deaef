// N-VAE: natural clustering, by latents that mean the same in every class and others that each class uses its way.
//
// Source      Antoran, Miguel. Disentangling and Learning Robust Representations with Natural Clustering. ICMLA 2019.
//             arXiv:1901.09415.
// Generates   y ~ Categorical(1/K), given with the data   (G1)  prior_y
//             z_s, z_c ~ Normal(0, I)                     (G2)  prior_z
//             x | y, z ~ Likelihood(decode(y, z_s, z_c))  (G3)  log_likelihood
// Infers      q(z_s | x), q(z_c | x)                      (I1)  posterior_z, diagonal normals that do not see y
//             q(y | x)                                    (I2)  posterior_y, a classifier on the same features
// Minimises   -log p(x | y, z) + KL(q(z_s | x) || p) + beta_c KL(q(z_c | x) || p) - log q(y | x)        (O1)
//             one z ~ q(z | x) per example, nats per example: with beta_c = 1 the bound on log p(x, y), equation (7)
//             of the paper. An example without a label is bound by summing over y:
//             sum_y q(y | x) (-log p(x | y, z)) + KLs + KL(q(y | x) || p(y))                            (O2)
//             Then the axes of z_s are turned to the principal directions of what z_s does to x, and everything settles
//             again: the prior is the same from every side, so that where axes fall is chance otherwise.   (A1)  align
// Reading     The paper leaves open how the decoder sees y. "class-conditioned" gives z_c weights of their own in each
//             class, decode([z_s, y (x) z_c, y]); "concatenated" is decode([z_s, z_c, y]), where only beta_c tells the
//             two latents apart.
// Departs     Widths, likelihood and schedule are ours: the paper names none.
// Shapes      B batch, X features, D_s shared_dim, D_c class_dim, K clusters. Layer 0 is z_s, layer 1 z_c with y.
#include <cmath>

#include "cleave/base/error.h"
#include "cleave/model/blocks.h"
#include "cleave/model/likelihood_choice.h"
#include "cleave/models/registry.h"
#include "cleave/networks/class_autoencoder.h"
#include "cleave/probability/distributions.h"

namespace cleave::models {

using namespace cleave::model;
using probability::Categorical;
using probability::DiagonalNormal;

namespace {

constexpr double kSettlingRate = 0.3;  // of the learning rate
constexpr int64_t kBlock = 4'096;      // examples at a time

struct NVaeConfig : networks::LikelihoodConfig {
  int64_t clusters = 0;
  int64_t shared_dim = 10;
  int64_t class_dim = 10;
  double beta_class = 1;
  std::string decoder = "class-conditioned";
  int64_t epochs = 50;
  int64_t settle_epochs = 10;
  double learning_rate = 1e-3;

  NVaeConfig() { hidden = {500, 500}; }

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of classes K; 0 takes as many as the labels name.", at_least(0));
    field("shared_dim", c.shared_dim, "Dimension of z_s, which means the same in every class.", at_least(1));
    field("class_dim", c.class_dim, "Dimension of z_c, whose meaning depends on the class.", at_least(1));
    field("beta_class", c.beta_class, "Weight of the KL term of z_c; above 1 it carries what only classes explain.",
          at_least(0));
    field("decoder", c.decoder, "How the decoder sees the class; see the method's page.",
          one_of({"class-conditioned", "concatenated"}));
    LikelihoodConfig::fields(c, field);
    field("epochs", c.epochs, "Passes over the data.", at_least(0));
    field("settle_epochs", c.settle_epochs,
          "Passes after the axes of z_s have been turned to the directions that change x most; 0 does not turn them.",
          at_least(0));
    field("learning_rate", c.learning_rate, "First learning rate; falls to 0 by a cosine.", above(0));
  }

  NVaeConfig resolved(const data::Description& data) const {
    NVaeConfig config = with_likelihood(*this, data);
    if (clusters == 0) config.clusters = std::max<int64_t>(data.classes, 1);
    require<ArgumentError>(config.clusters >= data.classes, "--clusters: {} classes, but the labels name {}",
                           config.clusters, data.classes);
    return config;
  }

  int64_t decoder_inputs() const {
    return shared_dim + (decoder == "class-conditioned" ? clusters * class_dim : class_dim) + clusters;
  }
};

class NVae : public Model {
 public:
  using Config = NVaeConfig;
  static constexpr Abilities kAbilities = {
      .clusters = true, .embeds = true, .decodes = true, .generates = true, .has_bound = true};

  NVae(const Config& config, const data::Description& data, const Randomness& random)
      : Model(kAbilities), config_(config) {
    network_ = register_module("network", std::make_shared<networks::ClassAutoencoder>(
                                              config, data.shape, data.width, config.shared_dim + config.class_dim,
                                              config.clusters, config.decoder_inputs(), random));
  }

  // Generative model -------------------------------------------------------------------------------------------------

  Categorical prior_y() const { return Categorical::uniform(config_.clusters, at::kFloat); }  // G1 [K]
  static DiagonalNormal prior_z(int64_t dimensions) {                                         // G2 [D]
    return {at::zeros({dimensions}), at::zeros({dimensions})};
  }
  Tensor log_likelihood(const Tensor& x, const Tensor& z_s, const Tensor& z_c, const Tensor& y) const {  // G3 [B]
    return network_->log_likelihood(x, inputs(z_s, z_c, y));
  }

  Tensor log_joint(const Tensor& x, const Latents& h) override {
    Tensor log_prior = prior_y().log_probs.index_select(0, h.y[1]) + prior_z(config_.shared_dim).log_prob(h.z[0]) +
                       prior_z(config_.class_dim).log_prob(h.z[1]);
    return log_prior + log_likelihood(x, h.z[0], h.z[1], h.y[1]);
  }
  Latents sample_prior(int64_t count, std::optional<int64_t> cluster, size_t, at::Generator generator) override {
    Tensor y = cluster ? at::full({count}, *cluster, at::kLong)
                       : Categorical{prior_y().log_probs.expand({count, config_.clusters})}.sample(generator);
    Tensor z_s = at::randn({count, config_.shared_dim}, generator);
    return {{z_s, at::randn({count, config_.class_dim}, generator)}, {Tensor(), y}};
  }
  Tensor decode(const Latents& h) override { return network_->mean(inputs(h.z[0], h.z[1], h.y[1])); }

  // Inference model --------------------------------------------------------------------------------------------------

  struct Posterior {
    DiagonalNormal z_s, z_c;
    Categorical y;
  };
  Posterior posterior(const Tensor& x) const {  // I1 I2
    auto [z, y] = network_->posterior(x);
    auto part = [](const Tensor& both, int64_t first, int64_t count) { return both.narrow(1, first, count); };
    const int64_t s = config_.shared_dim, c = config_.class_dim;
    return {{part(z.mean, 0, s), part(z.log_variance, 0, s)}, {part(z.mean, s, c), part(z.log_variance, s, c)}, y};
  }

  Latents sample_posterior(const Tensor& x, at::Generator generator) override {
    Posterior q = posterior(x);
    Tensor z_s = q.z_s.rsample(generator), z_c = q.z_c.rsample(generator);
    return {{z_s, z_c}, {Tensor(), q.y.sample(generator)}};
  }
  Tensor log_posterior(const Latents& h, const Tensor& x) override {
    Posterior q = posterior(x);
    return q.z_s.log_prob(h.z[0]) + q.z_c.log_prob(h.z[1]) + q.y.log_prob(h.y[1]);
  }
  Latents infer(const Tensor& x) override {
    Posterior q = posterior(x);
    return {{q.z_s.mean, q.z_c.mean}, {Tensor(), q.y.log_probs.argmax(-1)}};
  }
  Tensor responsibilities(const Tensor& x, size_t) override { return posterior(x).y.probs(); }
  std::vector<Facet> facets() const override { return {{1, config_.clusters}}; }
  Tensor information(const Tensor& x) override {
    Posterior q = posterior(x);
    return at::cat({probability::kl_from_standard_normal(q.z_s), probability::kl_from_standard_normal(q.z_c)}, 1);
  }

  // Objective --------------------------------------------------------------------------------------------------------

  Objective bound(const Tensor& x, const Tensor& y, at::Generator generator) const {
    Posterior q = posterior(x);
    Tensor z_s = q.z_s.rsample(generator), z_c = q.z_c.rsample(generator);
    Tensor known = y.ge(0), given = y.clamp_min(0);
    Tensor reconstruction = -log_likelihood(x, z_s, z_c, given);  // O1
    Tensor label = -q.y.log_prob(given);
    if (!known.all().item<bool>()) {  // O2
      Tensor rows = known.logical_not().nonzero().flatten();
      Tensor expected = at::zeros({rows.size(0)});
      Tensor weights = q.y.probs().index_select(0, rows);
      for (int64_t k = 0; k < config_.clusters; ++k) {
        Tensor class_k = at::full({rows.size(0)}, k, at::kLong);
        expected = expected - weights.select(1, k) * log_likelihood(x.index_select(0, rows), z_s.index_select(0, rows),
                                                                    z_c.index_select(0, rows), class_k);
      }
      reconstruction = reconstruction.index_copy(0, rows, expected);
      Categorical unsure = {q.y.log_probs.index_select(0, rows)};
      label = label.index_copy(0, rows, probability::kl(unsure, prior_y()));
    }
    return {{{"reconstruction", reconstruction},
             {"kl_shared", probability::kl(q.z_s, prior_z(config_.shared_dim))},
             {"kl_class", probability::kl(q.z_c, prior_z(config_.class_dim)), config_.beta_class},
             {"label", label}}};
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    std::vector<Stage> stages = {
        {.name = "fit", .epochs = config_.epochs, .optimise = {{"", cosine(config_.learning_rate)}}}};
    if (config_.settle_epochs == 0) return stages;
    stages.push_back({.name = "align", .closed_form = true});
    stages.push_back({.name = "settle",
                      .epochs = config_.settle_epochs,
                      .optimise = {{"", cosine(kSettlingRate * config_.learning_rate)}}});
    return stages;
  }

  /// A1: with the least-squares map W from posterior means of z_s [N, D_s] to x less the mean of its class, the new
  /// axes are the left singular vectors of W, the one that moves x most first.
  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {
    at::NoGradGuard no_grad;
    Tensor codes = over_blocks(fitting.data, [&](const Tensor& x) {
      Posterior q = posterior(x);
      return at::cat({q.z_s.mean, q.y.log_probs.argmax(1, true).to(at::kFloat)}, 1);
    });
    Tensor rows = at::arange(codes.size(0)), given = fitting.data.labels(rows);
    Tensor y = codes.select(1, config_.shared_dim).to(at::kLong);
    if (given.defined()) y = at::where(given.ge(0), given, y);
    Tensor z = codes.narrow(1, 0, config_.shared_dim).to(at::kDouble);
    z = z - z.mean(0);
    // Moments of x with z and with the classes, so that x need not be held whole.
    Tensor members = at::one_hot(y, config_.clusters).to(at::kDouble);
    Tensor with_z, with_class;
    for (int64_t first = 0; first < z.size(0); first += kBlock) {
      const int64_t count = std::min(kBlock, z.size(0) - first);
      Tensor x = fitting.data.rows(rows.narrow(0, first, count)).to(at::kDouble);
      Tensor zx = z.narrow(0, first, count).t().mm(x), cx = members.narrow(0, first, count).t().mm(x);
      with_z = with_z.defined() ? with_z + zx : zx;
      with_class = with_class.defined() ? with_class + cx : cx;
    }
    Tensor class_means = with_class / members.sum(0).clamp_min(1).unsqueeze(1);
    Tensor moved = with_z - z.t().mm(members).mm(class_means);                          // z' (x - class mean)
    Tensor ridge = 1e-6 * z.square().sum() * at::eye(config_.shared_dim, at::kDouble);  // for latents that are idle
    Tensor map = std::get<0>(at::linalg_lstsq(z.t().mm(z) + ridge, moved));             // W [D_s, X]
    auto [amounts, axes] = at::linalg_eigh(map.mm(map.t()));                            // rising
    Tensor turn = axes.flip(1);
    Tensor largest = turn.gather(0, turn.abs().argmax(0, true));
    network_->turn_code((turn * largest.sign()).to(at::kFloat));
    return {{{"first", (amounts[-1] / amounts.sum()).item<double>()}}, true};
  }
  Objective objective(const Batch& batch, const Stage&, const Step&, const Randomness& random) override {
    return bound(batch.x, batch.y, random.stream("noise"));
  }

 private:
  /// What the decoder reads of latents and classes y, [B] or shares [B, K]: [B, decoder_inputs].
  Tensor inputs(const Tensor& z_s, const Tensor& z_c, const Tensor& y) const {
    Tensor shares = network_->shares(y);
    Tensor of_class =
        config_.decoder == "class-conditioned" ? (shares.unsqueeze(2) * z_c.unsqueeze(1)).flatten(1) : z_c;
    return at::cat({z_s, of_class, shares}, 1);
  }

  Config config_;
  std::shared_ptr<networks::ClassAutoencoder> network_;
};

}  // namespace

Method describe_n_vae() {
  return describe_method<NVae>({
      .name = "n-vae",
      .title = "Natural clustering VAE",
      .summary = "A generator given the classes, with latents shared by all and latents that each class uses its way.",
      .source = "Antoran, Miguel. Disentangling and Learning Robust Representations. ICMLA 2019. arXiv:1901.09415",
      .learns_from_labels = true,
      .tiny = {{"shared_dim", 2}, {"class_dim", 2}, {"hidden", {16}}, {"epochs", 20}, {"learning_rate", 5e-3}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
