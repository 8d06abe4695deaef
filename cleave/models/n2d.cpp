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

#include "cleave/models/families/clustered_codes.h"
#include "cleave/models/families/fitted_map.h"
#include "cleave/models/families/map_categories.h"
#include "cleave/models/families/map_fit.h"
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
        fit_(*this, map_, "map_epoch"),
        mixture_(*this, config.clusters, map_.options().dimensions) {}

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
    return fit_.epoch(fitting, fitting.random.child("manifold"), [&] { return codes(fitting.data); });
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
  MapFit fit_;
  StoredMixture mixture_;
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
