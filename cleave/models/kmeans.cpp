// k-means, as a method.
//
// Source     Lloyd. Least squares quantization in PCM. IEEE Trans. Information Theory 1982.
//            Arthur, Vassilvitskii. k-means++: the advantages of careful seeding. SODA 2007.
//            Sculley. Web-scale k-means clustering. WWW 2010 (mini_batch > 0).
// Minimises  inertia  sum_i min_k |x_i - c_k|^2                                         (O1)
// Embeds     x as its distances to the centres, |x - c_k|; decodes a cluster as its centre.
// Departs    First centres by the greedy variant of k-means++; an empty cluster takes the farthest example; data are
//            centred while fitting, which changes rounding only.
// Shapes     N examples, B of a batch, X features, K clusters.
#include "cleave/classical/kmeans.h"

#include "cleave/base/error.h"
#include "cleave/models/registry.h"

namespace cleave::models {

namespace {

struct KMeansConfig {
  int64_t clusters = 10;
  int64_t restarts = 10;
  int64_t epochs = 300;
  double tolerance = 1e-4;
  int64_t mini_batch = 0;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of clusters K.", at_least(1));
    field("restarts", c.restarts, "Fits from different first centres; the one of least inertia is kept.",
          between(1, 1e6));
    field("epochs", c.epochs, "Most iterations of one restart.", between(1, 1e6));
    field("tolerance", c.tolerance, "Stop when the centres move less: squared, over the mean variance of a feature.",
          at_least(0));
    field("mini_batch", c.mini_batch, "Examples per iteration; 0 takes all of them.", at_least(0));
  }

  classical::KMeansOptions options() const {
    return {.clusters = clusters,
            .restarts = restarts,
            .max_iterations = epochs,
            .tolerance = tolerance,
            .mini_batch = mini_batch};
  }
};

class KMeans : public model::Model {
 public:
  using Config = KMeansConfig;
  static constexpr model::Abilities kAbilities{
      .clusters = true, .embeds = true, .decodes = true, .code_follows_clusters = true};

  KMeans(Config config, const data::Description& data, const Randomness&)
      : Model(kAbilities), options_(config.options()) {
    at::Tensor rows = at::zeros({config.clusters, data.width}, at::kFloat);
    centres_ = register_buffer("centres", rows.clone());
    inertia_ = register_buffer("inertia", at::full({}, std::numeric_limits<double>::infinity(), at::kDouble));
    restart_ = register_buffer("fit_restart", at::zeros({}, at::kLong));
    iteration_ = register_buffer("fit_iteration", at::zeros({}, at::kLong));
    fit_centres_ = register_buffer("fit_centres", rows.clone());
    fit_counts_ = register_buffer("fit_counts", at::zeros({config.clusters}, at::kLong));
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<model::Stage> stages() const override {
    return {{.name = "lloyd", .epochs = options_.restarts * options_.max_iterations, .closed_form = true}};
  }

  model::Iteration iterate(const model::Stage&, const model::Step&, const model::Fitting& fitting) override {
    if (!data_) data_.emplace(fitting.data.all());
    classical::KMeansProgress progress = load();
    classical::kmeans_iteration(*data_, options_, fitting.random, progress);
    store(progress);
    if (progress.finished) data_.reset();
    return {{{"inertia", progress.inertia}, {"restart", static_cast<double>(progress.restart)}}, progress.finished};
  }

  // Asking -----------------------------------------------------------------------------------------------------------

  std::vector<model::Facet> facets() const override { return {{.layer = 0, .clusters = options_.clusters}}; }

  model::Latents infer(const Tensor& x) override {
    // In float64: one centre on an outlier lies so far off that float32 would not tell the others apart.
    const Tensor squares = classical::squared_distances(x.to(at::kDouble), centres_.to(at::kDouble));
    return {{squares.sqrt().to(at::kFloat)}, {squares.argmin(1)}};
  }

  Tensor responsibilities(const Tensor& x, size_t) override {
    return at::one_hot(infer(x).y[0], options_.clusters).to(at::kFloat);
  }

  Tensor decode(const model::Latents& h) override {
    const Tensor& y = h.y.at(0);
    return y.is_floating_point() ? y.mm(centres_) : centres_.index_select(0, y);
  }

 private:
  classical::KMeansProgress load() const {
    classical::KMeansProgress progress;
    progress.restart = restart_.item<int64_t>();
    progress.iteration = iteration_.item<int64_t>();
    progress.centres = fit_centres_.clone();
    progress.counts = fit_counts_.clone();
    progress.best_inertia = inertia_.item<double>();
    return progress;
  }

  void store(const classical::KMeansProgress& progress) {
    restart_.fill_(progress.restart);
    iteration_.fill_(progress.iteration);
    fit_centres_.copy_(progress.centres);
    fit_counts_.copy_(progress.counts);
    if (progress.best_centres.defined()) {  // this iteration ended the best restart so far
      centres_.copy_(progress.best_centres + data_->mean);
      inertia_.fill_(progress.best_inertia);
    }
  }

  classical::KMeansOptions options_;
  std::optional<classical::CentredData> data_;  // read again after a resume
  Tensor centres_;                              ///< [K, X] of the best finished restart
  Tensor inertia_;                              ///< [] of those centres on the data of the fit
  Tensor restart_, iteration_;
  Tensor fit_centres_;  ///< [K, X] of the current restart, relative to the mean of the data
  Tensor fit_counts_;   ///< [K] examples that each of them has averaged
};

}  // namespace

model::Method describe_kmeans() {
  return model::describe_method<KMeans>({
      .name = "kmeans",
      .title = "k-means",
      .summary = "Splits the data into K round clusters of least total squared distance to their centres.",
      .source = "Lloyd, Least squares quantization in PCM, 1982; Arthur and Vassilvitskii, k-means++, SODA 2007",
      .tiny = {{"clusters", 3}, {"restarts", 2}, {"epochs", 20}},
  });
}

}  // namespace cleave::models
