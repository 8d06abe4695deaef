#include "cleave/models/families/map_categories.h"

#include <algorithm>
#include <limits>

#include "cleave/classical/gaussian_mixture.h"
#include "cleave/classical/pca.h"
#include "cleave/classical/umap.h"

namespace cleave::models {

MapCategories map_categories(const Tensor& x, int64_t categories, const MapCategoriesConfig& config,
                             const Randomness& random, const classical::ShouldStop& should_stop) {
  const Tensor reduced = classical::reduced_to(x, config.pca_dim);
  const classical::UmapOptions map = {
      .dimensions = categories, .neighbours = std::min(config.neighbours, x.size(0)), .min_dist = 0};
  const classical::GaussianMixtureOptions mixture = {.components = categories,
                                                     .covariance = classical::Covariance::kFull,
                                                     .restarts = config.restarts,
                                                     .variance_floor = 1e-3};
  MapCategories best{.log_likelihood = -std::numeric_limits<double>::infinity()};
  for (int64_t i = 0; i < config.maps; ++i) {
    const Tensor places = classical::umap(reduced, map, random.child("map", i), should_stop).map;
    auto fit = classical::fit_gaussian_mixture(places, mixture, random.child("mixture", i), should_stop);
    if (fit.log_likelihood <= best.log_likelihood) continue;
    best = {fit.mixture.responsibilities(places).argmax(1), fit.mixture.log_likelihood(places), fit.log_likelihood};
  }
  return best;
}

}  // namespace cleave::models
