// UMAP, as a method.
//
// Source     McInnes, Healy, Melville. UMAP: uniform manifold approximation and projection. 2018.
// Graph      p_j|i = exp(-max(0, d_ij - rho_i) / sigma_i),  sum_j p_j|i = log2 k                          (G1)
//            p_ij = p_j|i + p_i|j - p_j|i p_i|j                                                            (G2)
// Minimises  sum_ij  p_ij log(p_ij / q_ij) + (1 - p_ij) log((1 - p_ij) / (1 - q_ij)),                      (O1)
//            q_ij = 1 / (1 + a |z_i - z_j|^2b), by sampled edges and a few random examples for each        (O2)
// Embeds     an example of the fit as its place in the map; a new one as the mean of its neighbours' places weighted by
//            membership, which a short run of epochs then moves while the map stays.
// Departs    Data wider than pca_dim are reduced to principal components first. An edge is sampled at even distances in
//            time from a random start. An epoch has sixteen steps; in each all examples move at once along those of
//            their edges whose step it is, both ends of an edge alike, from where all stood before it, which makes the
//            map the same for any number of threads. A new example's edges are sampled relative to its own strongest
//            one, so that its place does not depend on what else is asked about.
// Shapes     N examples, B of a batch, X features, D dimensions of the map.
#include "cleave/classical/umap.h"

#include "cleave/base/error.h"
#include "cleave/models/families/fitted_map.h"
#include "cleave/models/families/map_fit.h"
#include "cleave/models/families/reduced_space.h"
#include "cleave/models/registry.h"

namespace cleave::models {

namespace {

struct UmapConfig {
  int64_t latent_dim = 2;
  int64_t neighbours = 15;
  double min_dist = 0.1;
  double spread = 1;
  int64_t epochs = 0;
  double learning_rate = 1;
  int64_t negative_samples = 5;
  int64_t pca_dim = 50;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("latent_dim", c.latent_dim, "Dimensions D of the map.", at_least(1));
    field("neighbours", c.neighbours, "Neighbours of an example, itself included; more show more of the whole.",
          at_least(2));
    field("min_dist", c.min_dist, "How near examples may lie in the map; 0 for clustering.", at_least(0));
    field("spread", c.spread, "Scale of the map; at least min_dist.", above(0));
    field("epochs", c.epochs, "Passes over the edges; 0 takes 200 above 10 000 examples, else 500.", at_least(0));
    field("learning_rate", c.learning_rate, "Of the first epoch; falls to 0 in a straight line.", above(0));
    field("negative_samples", c.negative_samples, "Random examples that push for each neighbour that pulls.",
          at_least(0));
    field("pca_dim", c.pca_dim, "Wider data are reduced to this many principal components; 0 never.", at_least(0));
  }

  classical::UmapOptions options() const {
    return {.dimensions = latent_dim,
            .neighbours = neighbours,
            .min_dist = min_dist,
            .spread = spread,
            .epochs = epochs,
            .learning_rate = learning_rate,
            .negative_samples = negative_samples};
  }
};

class Umap : public model::Model {
 public:
  using Config = UmapConfig;
  static constexpr model::Abilities kAbilities{.embeds = true};

  Umap(Config config, const data::Description& data, const Randomness&)
      : Model(kAbilities),
        size_(data.size),
        space_(*this, config.pca_dim),
        map_(*this, config.options()),
        fit_(*this, map_, "fit_epoch") {}

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<model::Stage> stages() const override {
    return {{.name = "map", .epochs = map_.options().epochs_for(size_), .closed_form = true}};
  }

  model::Iteration iterate(const model::Stage&, const model::Step&, const model::Fitting& fitting) override {
    return fit_.epoch(fitting, fitting.random, [&] {  // G1, G2, O1, O2
      const Tensor x = fitting.data.all();
      space_.fit(x, fitting.observer);
      return space_(x);
    });
  }

  // Asking -----------------------------------------------------------------------------------------------------------

  model::Latents infer(const Tensor& x) override {
    require<ArgumentError>(!map_.empty(), "umap: the map is not fitted yet");
    return {{map_.places(x, space_)}, {Tensor()}};
  }

 private:
  int64_t size_;
  ReducedSpace space_;
  FittedMap map_;  ///< from [N, X or pca_dim] to [N, D]
  MapFit fit_;
};

}  // namespace

model::Method describe_umap() {
  return model::describe_method<Umap>({
      .name = "umap",
      .title = "UMAP",
      .summary = "Draws a map of the data in which neighbours stay near.",
      .source = "McInnes, Healy and Melville, UMAP: uniform manifold approximation and projection, 2018",
      .tiny = {{"epochs", 20}, {"neighbours", 10}},
  });
}

}  // namespace cleave::models
