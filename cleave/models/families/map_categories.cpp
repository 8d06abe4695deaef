#include "cleave/models/families/map_categories.h"

#include <algorithm>
#include <limits>

#include "cleave/classical/pca.h"

namespace cleave::models {

classical::UmapOptions map_options(const MapCategoriesConfig& config, int64_t categories, int64_t examples) {
  return {.dimensions = categories, .neighbours = std::min(config.neighbours, examples), .min_dist = 0};
}

MapCategories map_categories(const Tensor& x, int64_t categories, const MapCategoriesConfig& config,
                             const Randomness& random, const classical::ShouldStop& should_stop) {
  const Tensor reduced = classical::reduced_to(x, config.pca_dim);
  const classical::UmapOptions map = map_options(config, categories, x.size(0));
  const classical::GaussianMixtureOptions mixture = {.components = categories,
                                                     .covariance = classical::Covariance::kFull,
                                                     .restarts = config.restarts,
                                                     .variance_floor = 1e-3};
  MapCategories best{.log_likelihood = -std::numeric_limits<double>::infinity()};
  for (int64_t i = 0; i < config.maps; ++i) {
    const Tensor places = classical::umap(reduced, map, random.child("map", i), should_stop).map;
    auto fit = classical::fit_gaussian_mixture(places, mixture, random.child("mixture", i), should_stop);
    if (fit.log_likelihood <= best.log_likelihood) continue;
    best = {places, fit.mixture, fit.mixture.responsibilities(places).argmax(1), fit.mixture.log_likelihood(places),
            fit.log_likelihood};
  }
  return best;
}

Tensor weakest(const Tensor& strength, double share) {
  const auto count = static_cast<int64_t>(share * static_cast<double>(strength.size(0)));
  return strength.argsort(/*stable=*/true).narrow(0, 0, count);
}

}  // namespace cleave::models
