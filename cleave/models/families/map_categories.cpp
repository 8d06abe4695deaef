#include "cleave/models/families/map_categories.h"

#include <algorithm>
#include <limits>

#include "cleave/classical/neighbour_graph.h"
#include "cleave/classical/pca.h"

namespace cleave::models {

int64_t map_dimensions(int64_t clusters) {
  return std::min<int64_t>(clusters, 20);
}

classical::UmapOptions map_options(const MapCategoriesConfig& config, int64_t categories, int64_t examples) {
  return {.dimensions = map_dimensions(categories), .neighbours = std::min(config.neighbours, examples), .min_dist = 0};
}

std::optional<classical::Deformation> deformation_of(const data::Description& data, const MapCategoriesConfig& config) {
  if (config.distance == "euclidean" || data.kind != data::Kind::kImage || data.shape.size() != 3) return {};
  const int64_t side = std::min(data.shape[1], data.shape[2]);
  return classical::Deformation{
      .shape = {data.shape[0], data.shape[1], data.shape[2]},
      .range = config.deformation > 0 ? config.deformation : std::clamp<int64_t>((side + 7) / 14, 1, 2)};
}

namespace {

/// A1: the k nearest others of x [N, X], `reduced` to its principal components.
classical::Neighbours neighbours_of(const Tensor& x, const Tensor& reduced,
                                    const std::optional<classical::Deformation>& deformation, int64_t k,
                                    const Randomness& random, const classical::ShouldStop& should_stop) {
  if (!deformation) return classical::nearest_others(reduced, k, random, should_stop);
  auto offered = classical::nearest_others(reduced, std::min(kOffered * k, x.size(0) - 1), random, should_stop).indices;
  return classical::nearest_deformed(x, x, *deformation, offered, k, should_stop);
}

}  // namespace

MapCategories map_categories(const data::View& data, int64_t categories, const MapCategoriesConfig& config,
                             const Randomness& random, const classical::ShouldStop& should_stop) {
  const Tensor x = data.all(), reduced = classical::reduced_to(x, config.pca_dim);
  const classical::UmapOptions map = map_options(config, categories, x.size(0));
  const classical::GaussianMixtureOptions mixture = {.components = categories,
                                                     .covariance = classical::Covariance::kFull,
                                                     .restarts = config.mixtures(categories),
                                                     .variance_floor = 1e-3};
  const classical::SparseRows graph =
      classical::umap_graph(neighbours_of(x, reduced, deformation_of(data.describe(), config), map.neighbours - 1,
                                          random.child("neighbours"), should_stop),
                            config.sharing);
  MapCategories best{.log_likelihood = -std::numeric_limits<double>::infinity()};
  for (int64_t i = 0; i < config.maps; ++i) {
    const Tensor places = classical::umap(graph, reduced, map, random.child("map", i), should_stop).map;
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
