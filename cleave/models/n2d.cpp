// N2D: an autoencoder, a map that keeps its neighbours, and a mixture on the map.
//
// Source      McConville, Santos-Rodriguez, Piechocki, Craddock. N2D: (not too) deep clustering via clustering
//             the local manifold of an autoencoded embedding. ICPR 2020, arXiv:1908.05968.
// Code        z = encode(x), linear                                                  (C1)  families/clustered_codes.h
// Minimises   first -log p(x | z), nats per example                                  (O1)  families/clustered_codes.h
//             then the cross-entropy between the neighbour graphs of codes and of map, by UMAP: u [N, M]    (O2)
//             then  -sum_i log sum_k pi_k Normal(u_i; m_k, S_k)                      (O3)
// Departs     The mixture is the likeliest of several. A new example is placed into the map through its neighbours
//             among the codes of the fit.
// Shapes      N examples of the fit, B batch, X features, D latent_dim, M dimensions of the map, K clusters.
#include <optional>

#include "cleave/models/families/clustered_codes.h"
#include "cleave/models/families/fitted_map.h"
#include "cleave/models/families/map_categories.h"
#include "cleave/models/families/stored_mixture.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

struct N2dConfig : ClusteredCodesConfig {
  int64_t neighbours = 20;
  double min_dist = 0;
  int64_t map_dim = 0;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    ClusteredCodesConfig::fields(c, field);
    field("neighbours", c.neighbours, "Neighbours that the map keeps, the example itself included.", at_least(2));
    field("min_dist", c.min_dist, "How near examples may lie in the map.", at_least(0));
    field("map_dim", c.map_dim, "Dimensions M of the map; 0 takes as many as there are clusters, up to 20.",
          at_least(0));
  }

  N2dConfig resolved(const data::Description& data) const { return suited(*this, data); }

  classical::UmapOptions umap() const {
    return {
        .dimensions = map_dim > 0 ? map_dim : map_dimensions(clusters), .neighbours = neighbours, .min_dist = min_dist};
  }
};

class N2d : public ClusteredCodes {
 public:
  using Config = N2dConfig;

  N2d(const Config& config, const data::Description& data, const Randomness& random)
      : ClusteredCodes(config, data, random),
        size_(data.size),
        map_(*this, config.umap()),
        epoch_(register_buffer("map_epoch", at::zeros({}, at::kLong))),
        mixture_(*this, config.clusters, map_.options().dimensions) {
    classical::check(map_.options());
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    return {{.name = "pretrain", .epochs = config_.epochs, .optimise = {{"", one_cycle(config_.learning_rate)}}},
            {.name = "manifold", .epochs = map_.options().epochs_for(size_), .closed_form = true},
            {.name = "mixture", .closed_form = true}};
  }

  Iteration iterate(const Stage& stage, const Step&, const Fitting& fitting) override {
    return stage.name == "manifold" ? improve_map(fitting) : fit_mixture(fitting);
  }

  // Asking -----------------------------------------------------------------------------------------------------------

  Answer answer(const Tensor& x) override {  // to find the places of new examples takes most of the time
    const Tensor posterior =
        mixture_.responsibilities(map_.places(x, [&](const Tensor& fresh) { return code(fresh); }));
    return {{{code(x)}, {posterior.argmax(1)}}, {posterior.to(at::kFloat)}};
  }
  Latents infer(const Tensor& x) override { return answer(x).latents; }
  Tensor responsibilities(const Tensor& x, size_t) override { return answer(x).responsibilities[0]; }

 private:
  Iteration improve_map(const Fitting& fitting) {  // O2
    const auto stop = fitting.stop();
    Randomness random = fitting.random.child("manifold");
    if (!layout_) {  // at the start, and after a resume
      const Tensor z = map_.empty() ? codes(fitting.data) : map_.examples();
      auto graph = classical::umap_graph(classical::nearest_others(
          z, std::min(map_.options().neighbours, z.size(0)) - 1, random.child("neighbours"), stop));
      if (map_.empty())
        map_.begin(fitting.data.all(), z, classical::umap_start(graph, z, map_.options(), random, stop));
      layout_.emplace(graph, map_.options(), random);
    }
    classical::UmapProgress progress{.epoch = epoch_.item<int64_t>(), .map = map_.map()};
    layout_->epoch(progress);
    map_.move(progress.map);
    epoch_.fill_(progress.epoch);
    if (progress.finished) layout_.reset();
    return {{{"epoch", static_cast<double>(progress.epoch)}}, progress.finished};
  }

  Iteration fit_mixture(const Fitting& fitting) {  // O3
    classical::GaussianMixtureOptions options = {.components = config_.clusters,
                                                 .covariance = classical::Covariance::kFull,
                                                 .restarts = config_.restarts,
                                                 .variance_floor = 1e-3};
    auto fit = classical::fit_gaussian_mixture(map_.map(), options, fitting.random.child("mixture"), fitting.stop());
    mixture_.store(fit.mixture);
    return {{{"log_likelihood", fit.log_likelihood}}, true};
  }

  int64_t size_;
  FittedMap map_;  ///< from codes [N, D] to [N, M]
  Tensor epoch_;   ///< []
  StoredMixture mixture_;
  std::optional<classical::UmapLayout> layout_;
};

}  // namespace

Method describe_n2d() {
  return describe_method<N2d>({
      .name = "n2d",
      .title = "N2D",
      .summary = "A Gaussian mixture on a neighbour-keeping map of the codes of an autoencoder.",
      .source = "McConville, Santos-Rodriguez, Piechocki, Craddock. N2D. ICPR 2020, arXiv:1908.05968",
      .tiny = {{"clusters", 3},
               {"latent_dim", 3},
               {"hidden", {16}},
               {"epochs", 2},
               {"neighbours", 10},
               {"map_dim", 2},
               {"restarts", 2}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
