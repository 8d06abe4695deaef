// First categories for methods that would collapse without: those of a Gaussian mixture on a map that keeps neighbours.
//
// Graph     the nearest neighbours of each example among the first principal components; of images, the nearest among
//           six times as many by a distance that lets pixels shift, classical/deformation.h; an edge counts by the
//           neighbours that its ends have in common                                                       (A1)
// Map       UMAP of the graph, a dimension for each category, up to 20                                    (A2)
// Mixture   full covariances, the likeliest of several fits on the likeliest of several maps: no label is asked, and a
//           map that tears a cluster shows in its likelihood                                              (A3)
// Axes      N examples, X features, K categories.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "cleave/base/fields.h"
#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/classical/deformation.h"
#include "cleave/classical/gaussian_mixture.h"
#include "cleave/classical/rows.h"
#include "cleave/classical/umap.h"
#include "cleave/data/view.h"

namespace cleave::models {

struct MapCategoriesConfig {
  int64_t neighbours = 20;
  int64_t pca_dim = 50;
  std::string distance = "deformable";
  int64_t deformation = 0;
  double sharing = 1;
  int64_t maps = 2;
  int64_t restarts = 0;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("neighbours", c.neighbours, "Neighbours that the map of the start keeps.", at_least(2));
    field("pca_dim", c.pca_dim, "Principal components that the map of the start sees; 0 is all of the data.",
          at_least(0));
    field("distance", c.distance,
          "Between images, where neighbours are looked for; all else is compared by its principal components.",
          one_of({"deformable", "euclidean"}));
    field("deformation", c.deformation,
          "Pixels by which each may shift to meet its like under the deformable distance; 0 takes a fourteenth of the "
          "shorter side, 1 or 2.",
          at_least(0));
    field("sharing", c.sharing,
          "How much an edge of the graph depends on neighbours that its ends have in common: the power of their "
          "Jaccard index by which it counts; 0 takes the edges as UMAP has them.",
          at_least(0.0));
    field("maps", c.maps, "Maps of the start, of which the one with the likeliest mixture is kept.", at_least(1));
    field("restarts", c.restarts,
          "Mixtures of the start, of which the likeliest is kept; 0 takes 10, beyond 20 clusters 200 / K.",
          at_least(0));
  }

  /// How many mixtures of so many clusters are fitted: no more than cost what ten of 20 do.
  int64_t mixtures(int64_t clusters) const {
    return restarts > 0 ? restarts : std::clamp<int64_t>(200 / clusters, 1, 10);
  }
};

/// Dimensions of a map in which so many clusters are looked for: as many (N2D), up to 20, because a map costs in
/// proportion to them and its full covariances to their square.
int64_t map_dimensions(int64_t clusters);

/// The map's options for so many categories and examples.
classical::UmapOptions map_options(const MapCategoriesConfig& config, int64_t categories, int64_t examples);

/// Candidates, as so many times the neighbours, among which a deformable distance chooses.
constexpr int64_t kOffered = 6;

/// What is forgiven where images are compared; nothing where principal components alone tell neighbours.
std::optional<classical::Deformation> deformation_of(const data::Description& data, const MapCategoriesConfig& config);

struct MapCategories {
  Tensor places;                       ///< [N, map_dimensions(K)] on the map
  classical::GaussianMixture mixture;  ///< of them
  Tensor names;                        ///< [N] int64 in [0, K), the likeliest component of each
  Tensor log_likelihoods;              ///< [N] float64 nats, of each example's place on the map
  double log_likelihood = 0;           ///< their mean
};

/// The categories of all examples. Throws Interrupted.
MapCategories map_categories(const data::View& data, int64_t categories, const MapCategoriesConfig& config,
                             const Randomness& random, const classical::ShouldStop& should_stop);

/// Positions of the share of `strength` [N] that is least, the weakest first.
Tensor weakest(const Tensor& strength, double share);

}  // namespace cleave::models
