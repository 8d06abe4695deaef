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

#include "cleave/classical/gaussian_mixture.h"
#include "cleave/classical/neighbour_graph.h"
#include "cleave/classical/umap.h"
#include "cleave/model/fitted_rows.h"
#include "cleave/models/families/clustered_codes.h"
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
    field("map_dim", c.map_dim, "Dimensions M of the map; 0 takes as many as there are clusters.", at_least(0));
  }

  N2dConfig resolved(const data::Description& data) const { return suited(*this, data); }

  classical::UmapOptions umap() const {
    return {.dimensions = map_dim > 0 ? map_dim : clusters, .neighbours = neighbours, .min_dist = min_dist};
  }
};

class N2d : public ClusteredCodes {
 public:
  using Config = N2dConfig;

  N2d(const Config& config, const data::Description& data, const Randomness& random)
      : ClusteredCodes(config, data, random), umap_(config.umap()), size_(data.size), rows_(*this) {
    const int64_t clusters = config.clusters, dimensions = umap_.dimensions;
    codes_ = register_buffer("codes", at::zeros({0, config.latent_dim}));
    map_ = register_buffer("map", at::zeros({0, dimensions}));
    epoch_ = register_buffer("map_epoch", at::zeros({}, at::kLong));
    mixture_ = {register_buffer("log_weights", at::zeros({clusters}, at::kDouble)),
                register_buffer("means", at::zeros({clusters, dimensions}, at::kDouble)),
                register_buffer("covariances", at::eye(dimensions, at::kDouble).repeat({clusters, 1, 1}))};
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    return {{.name = "pretrain", .epochs = config_.epochs, .optimise = {{"", one_cycle(config_.learning_rate)}}},
            {.name = "manifold", .epochs = umap_.epochs_for(size_), .closed_form = true},
            {.name = "mixture", .closed_form = true}};
  }

  Iteration iterate(const Stage& stage, const Step&, const Fitting& fitting) override {
    return stage.name == "manifold" ? improve_map(fitting) : fit_mixture(fitting);
  }

  // Asking -----------------------------------------------------------------------------------------------------------

  Latents infer(const Tensor& x) override { return {{code(x)}, {responsibilities(x, 0).argmax(1)}}; }

  Tensor responsibilities(const Tensor& x, size_t) override {
    return mixture_.responsibilities(positions(x)).to(at::kFloat);
  }

 private:
  Iteration improve_map(const Fitting& fitting) {  // O2
    classical::ShouldStop stop = [&] { return fitting.observer.should_stop(); };
    Randomness random = fitting.random.child("manifold");
    if (!layout_) {  // at the start, and after a resume
      if (codes_.size(0) == 0) {
        codes_.set_data(codes(fitting.data));
        rows_.remember(fitting.data.all());
      }
      auto graph = classical::umap_graph(classical::nearest_others(
          codes_, std::min(umap_.neighbours, codes_.size(0)) - 1, random.child("neighbours"), stop));
      if (map_.size(0) == 0) map_.set_data(classical::umap_start(graph, codes_, umap_, random, stop));
      layout_.emplace(graph, umap_, random);
    }
    classical::UmapProgress progress{.epoch = epoch_.item<int64_t>(), .map = map_.clone()};
    layout_->epoch(progress);
    map_.copy_(progress.map);
    epoch_.fill_(progress.epoch);
    if (progress.finished) layout_.reset();
    return {{{"epoch", static_cast<double>(progress.epoch)}}, progress.finished};
  }

  Iteration fit_mixture(const Fitting& fitting) {  // O3
    classical::GaussianMixtureOptions options = {.components = config_.clusters,
                                                 .covariance = classical::Covariance::kFull,
                                                 .restarts = config_.restarts,
                                                 .variance_floor = 1e-3};
    auto fit = classical::fit_gaussian_mixture(map_, options, fitting.random.child("mixture"),
                                               [&] { return fitting.observer.should_stop(); });
    mixture_.log_weights.copy_(fit.mixture.log_weights);
    mixture_.means.copy_(fit.mixture.means);
    mixture_.covariances.copy_(fit.mixture.covariances);
    return {{{"log_likelihood", fit.log_likelihood}}, true};
  }

  /// Places in the map, [B, M]: known for the examples of the fit, found through their neighbours for others.
  Tensor positions(const Tensor& x) const {
    Tensor known = rows_.find(x), fresh = known.lt(0).nonzero().squeeze(1);
    Tensor places = map_.index_select(0, known.clamp_min(0));
    if (fresh.size(0) == 0) return places;
    auto neighbours =
        classical::nearest(code(x.index_select(0, fresh)), codes_, std::min(umap_.neighbours, codes_.size(0)));
    return places.index_copy(0, fresh, classical::umap_place(neighbours, map_, umap_, Randomness(0)));
  }

  classical::UmapOptions umap_;
  int64_t size_;
  FittedRows rows_;
  Tensor codes_;  ///< [N, D]
  Tensor map_;    ///< [N, M]
  Tensor epoch_;  ///< []
  classical::GaussianMixture mixture_;
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
