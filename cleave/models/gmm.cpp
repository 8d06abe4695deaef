// A mixture of Gaussians fitted by expectation maximisation.
//
// Source     Dempster, Laird, Rubin. Maximum likelihood from incomplete data via the EM algorithm. JRSS B 1977.
// Generates  y ~ Categorical(pi)                                                        (G1)
//            x | y ~ Normal(m_y, S_y), S_y diagonal or full                             (G2)
// Infers     p(y | x), exactly by Bayes                                                 (I1)
// Maximises  sum_i log p(x_i), nats                                                     (O1)
// Departs    Starts from k-means; no variance falls below `variance_floor` in any direction.
// Shapes     N examples, B of a batch, X features, K clusters. Parameters are float64.
#include "cleave/base/error.h"
#include "cleave/models/families/stored_mixture.h"
#include "cleave/models/registry.h"

namespace cleave::models {

namespace {

struct GmmConfig {
  int64_t clusters = 10;
  std::string covariance = "diag";
  int64_t restarts = 1;
  int64_t epochs = 100;
  double tolerance = 1e-3;
  double variance_floor = 1e-6;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of components K.", at_least(1));
    field("covariance", c.covariance, "Shape of the components.", one_of({"diag", "full"}));
    field("restarts", c.restarts, "Fits from different k-means clusterings; the likeliest is kept.", between(1, 1e6));
    field("epochs", c.epochs, "Most iterations of one restart.", between(1, 1e6));
    field("tolerance", c.tolerance, "Stop when the mean log-likelihood gains less, nats.", at_least(0));
    field("variance_floor", c.variance_floor, "Smallest variance in any direction.", above(0));
  }

  classical::GaussianMixtureOptions options() const {
    return {.components = clusters,
            .covariance = covariance == "full" ? classical::Covariance::kFull : classical::Covariance::kDiagonal,
            .restarts = restarts,
            .max_iterations = epochs,
            .tolerance = tolerance,
            .variance_floor = variance_floor};
  }
};

class Gmm : public model::Model {
 public:
  using Config = GmmConfig;
  static constexpr model::Abilities kAbilities{.clusters = true,
                                               .embeds = true,
                                               .decodes = true,
                                               .generates = true,
                                               .has_bound = true,
                                               .code_follows_clusters = true};

  Gmm(Config config, const data::Description& data, const Randomness&)
      : Model(kAbilities),
        options_(config.options()),
        mixture_(*this, options_.components, data.width, options_.covariance),
        fit_mixture_(*this, options_.components, data.width, options_.covariance, "fit_") {
    log_likelihood_ = register_buffer("log_likelihood", at::full({}, -kInfinity, at::kDouble));
    fit_log_likelihood_ = register_buffer("fit_log_likelihood", at::full({}, -kInfinity, at::kDouble));
    restart_ = register_buffer("fit_restart", at::zeros({}, at::kLong));
    iteration_ = register_buffer("fit_iteration", at::zeros({}, at::kLong));
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<model::Stage> stages() const override {
    return {{.name = "em", .epochs = options_.restarts * options_.max_iterations, .closed_form = true}};
  }

  model::Iteration iterate(const model::Stage&, const model::Step&, const model::Fitting& fitting) override {  // O1
    if (!x_.defined()) x_ = fitting.data.all();
    classical::GaussianMixtureProgress progress = load();
    classical::mixture_iteration(x_, options_, fitting.random, progress, fitting.stop());
    store(progress);
    if (progress.finished) {
      note_weak_components(x_.size(0), fitting.observer);
      x_ = Tensor();
    }
    return {{{"log_likelihood", progress.log_likelihood}, {"restart", static_cast<double>(progress.restart)}},
            progress.finished};
  }

  // Asking -----------------------------------------------------------------------------------------------------------

  std::vector<model::Facet> facets() const override { return {{.layer = 0, .clusters = options_.components}}; }

  Tensor responsibilities(const Tensor& x, size_t) override {
    return mixture_.responsibilities(x).to(at::kFloat);
  }  // I1

  model::Latents infer(const Tensor& x) override {
    Tensor posterior = mixture_.responsibilities(x);
    return {{posterior.to(at::kFloat)}, {posterior.argmax(1)}};
  }

  Tensor decode(const model::Latents& h) override {  // G2
    const Tensor& y = h.y.at(0);
    return (y.is_floating_point() ? y.to(at::kDouble).mm(mixture_.means) : mixture_.means.index_select(0, y))
        .to(at::kFloat);
  }

  model::Latents sample_prior(int64_t count, std::optional<int64_t> cluster, size_t, at::Generator generator) override {
    Tensor y = cluster ? at::full({count}, *cluster, at::kLong)
                       : mixture_.log_weights.exp().multinomial(count, /*replacement=*/true, generator);  // G1
    return latents(y);
  }

  Tensor log_joint(const Tensor& x, const model::Latents& h) override {
    return at_component(mixture_.log_prob_components(x), h);
  }
  model::Latents sample_posterior(const Tensor& x, at::Generator generator) override {
    return latents(mixture_.responsibilities(x).multinomial(1, /*replacement=*/true, generator).squeeze(1));
  }
  Tensor log_posterior(const model::Latents& h, const Tensor& x) override {
    return at_component(mixture_.log_prob_components(x).log_softmax(1), h);
  }

 private:
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();

  /// A drawn cluster, with the code of a posterior that is sure of it.
  model::Latents latents(const Tensor& y) const { return {{at::one_hot(y, options_.components).to(at::kFloat)}, {y}}; }

  static Tensor at_component(const Tensor& values, const model::Latents& h) {
    return values.gather(1, h.y.at(0).unsqueeze(1)).squeeze(1).to(at::kFloat);
  }

  classical::GaussianMixtureProgress load() const {
    classical::GaussianMixtureProgress progress;
    progress.restart = restart_.item<int64_t>();
    progress.iteration = iteration_.item<int64_t>();
    progress.mixture = fit_mixture_;
    progress.log_likelihood = fit_log_likelihood_.item<double>();
    progress.best_log_likelihood = log_likelihood_.item<double>();
    return progress;
  }

  void store(const classical::GaussianMixtureProgress& progress) {
    restart_.fill_(progress.restart);
    iteration_.fill_(progress.iteration);
    fit_mixture_.store(progress.mixture);
    fit_log_likelihood_.fill_(progress.log_likelihood);
    if (progress.best_restart >= 0) {  // this iteration ended the best restart so far
      mixture_.store(progress.best);
      log_likelihood_.fill_(progress.best_log_likelihood);
    }
  }

  void note_weak_components(int64_t examples, model::Observer& observer) const {
    const Tensor totals = mixture_.log_weights.exp() * static_cast<double>(examples);
    if (auto weak = totals.lt(0.999).sum().item<int64_t>(); weak > 0) {
      observer.note(fmt::format("{} of {} components answer for less than one example each; fewer clusters would do",
                                weak, totals.size(0)));
    }
  }

  classical::GaussianMixtureOptions options_;
  Tensor x_;                   // read again after a resume
  StoredMixture mixture_;      ///< the likeliest of the finished restarts
  Tensor log_likelihood_;      ///< [] mean per example before its last update, nats
  StoredMixture fit_mixture_;  ///< of the current restart
  Tensor fit_log_likelihood_, restart_, iteration_;
};

}  // namespace

model::Method describe_gmm() {
  return model::describe_method<Gmm>({
      .name = "gmm",
      .title = "Gaussian mixture",
      .summary = "Fits a mixture of Gaussians, one per cluster, and gives every example its cluster probabilities.",
      .source = "Dempster, Laird and Rubin, Maximum likelihood from incomplete data via the EM algorithm, 1977",
      .tiny = {{"clusters", 3}, {"restarts", 2}, {"epochs", 20}},
  });
}

}  // namespace cleave::models
