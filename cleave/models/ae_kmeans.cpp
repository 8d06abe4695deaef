// Autoencoder, then k-means on its codes: the baseline that every deep clustering method is held against.
//
// Source      Xie, Girshick, Farhadi. Unsupervised Deep Embedding for Clustering Analysis. ICML 2016 (the AE+k-means
// rows). Code        z = encode(x), linear                                     (C1) Minimises   first -log p(x | z),
// nats per example                     (O1)
//             then  sum_i min_k |z_i - m_k|^2 over the centres m        (O2)
// Shapes      B batch, X features, D latent_dim, K clusters.
#include "cleave/classical/kmeans.h"
#include "cleave/model/blocks.h"
#include "cleave/model/likelihood_choice.h"
#include "cleave/models/registry.h"
#include "cleave/networks/autoencoder.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

struct AeKmeansConfig : networks::AutoencoderConfig {
  int64_t clusters = 10;
  int64_t epochs = 30;
  double learning_rate = 2e-3;
  int64_t restarts = 10;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of clusters K.", at_least(1));
    AutoencoderConfig::fields(c, field);
    field("epochs", c.epochs, "Epochs of the autoencoder.", at_least(0));
    field("learning_rate", c.learning_rate, "Peak of the one-cycle learning rate.", above(0));
    field("restarts", c.restarts, "Fits of k-means, of which the one of least inertia is kept.", at_least(1));
  }

  AeKmeansConfig resolved(const data::Description& data) const {
    AeKmeansConfig config = *this;
    config.likelihood = choose_likelihood(likelihood, data);
    return config;
  }
};

class AeKmeans : public Model {
 public:
  using Config = AeKmeansConfig;
  static constexpr Abilities kAbilities = {.clusters = true, .embeds = true, .decodes = true};

  AeKmeans(const Config& config, const data::Description& data, const Randomness& random)
      : Model(kAbilities), config_(config) {
    network_ = register_module(
        "network", std::make_shared<networks::Autoencoder>(config, data.shape, data.width, random.stream("network")));
    centres_ = register_buffer("centres", at::zeros({config.clusters, config.latent_dim}));
  }

  // Code and clusters ------------------------------------------------------------------------------------------------

  Latents infer(const Tensor& x) override {
    Tensor z = network_->code(x);  // C1 [B, D]
    return {{z}, {classical::assign(z, centres_).labels}};
  }
  Tensor responsibilities(const Tensor& x, size_t) override {
    return at::one_hot(infer(x).y[0], config_.clusters).to(at::kFloat);
  }
  std::vector<Facet> facets() const override { return {{0, config_.clusters}}; }
  Tensor decode(const Latents& h) override { return network_->mean(h.z[0]); }

  // Objective and fitting --------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    return {{.name = "pretrain", .epochs = config_.epochs, .optimise = {{"", one_cycle(config_.learning_rate)}}},
            {.name = "kmeans", .epochs = 1, .closed_form = true, .optimise = {}}};
  }

  Objective objective(const Batch& batch, const Stage&, const Step&, const Randomness&) override {  // O1
    return {{{"reconstruction", -network_->log_likelihood(batch.x, network_->code(batch.x))}}};
  }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {  // O2
    Tensor codes = over_blocks(fitting.data, [&](const Tensor& x) { return network_->code(x); });
    classical::KMeansOptions options = {.clusters = config_.clusters, .restarts = config_.restarts};
    auto fit = classical::kmeans(codes, options, fitting.random, [&] { return fitting.observer.should_stop(); });
    centres_.copy_(fit.centres);
    return {{{"inertia", fit.assignment.inertia}}, true};
  }

 private:
  Config config_;
  std::shared_ptr<networks::Autoencoder> network_;
  Tensor centres_;
};

}  // namespace

Method describe_ae_kmeans() {
  return describe_method<AeKmeans>({
      .name = "ae-kmeans",
      .title = "Autoencoder and k-means",
      .summary = "k-means on the codes of an autoencoder: the baseline of deep clustering.",
      .source = "Xie, Girshick, Farhadi. Unsupervised Deep Embedding for Clustering Analysis. ICML 2016",
      .tiny = {{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}, {"epochs", 2}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
