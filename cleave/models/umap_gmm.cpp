// A mixture on a map that keeps neighbours: N2D without its autoencoder, and the start of self-label, vade and
// simple-gm.
//
// Source      McConville, Santos-Rodriguez, Piechocki, Craddock. N2D. ICPR 2020, arXiv:1908.05968; McInnes, Healy,
//             Melville. UMAP. 2018. Keysers, Deselaers, Gollan, Ney. Deformation models for image recognition. PAMI
//             2007.
// Map         u = UMAP of the neighbours among the first principal components, those of images told by a distance that
//             forgives small deformations; a dimension for each cluster, up to 20: families/map_categories.h      (A1)
// Minimises   -sum_i log sum_k pi_k Normal(u_i; m_k, S_k)                                                (O1)
// Departs     From N2D: principal components in the place of an autoencoder's codes; edges count by the neighbours that
//             their ends have in common; several maps, of which the one with the likeliest mixture is kept. A new
//             example is placed through its neighbours of the fit, those of images told by the same distance as long as
//             the images of the fit are few enough to be kept in the model: families/kept_images.h.
// Shapes      N examples of the fit, B batch, X features, K clusters.
#include "cleave/models/families/fitted_map.h"
#include "cleave/models/families/kept_images.h"
#include "cleave/models/families/map_categories.h"
#include "cleave/models/families/reduced_space.h"
#include "cleave/models/families/stored_mixture.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

struct UmapGmmConfig : MapCategoriesConfig {
  int64_t clusters = 10;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of clusters K.", at_least(1));
    MapCategoriesConfig::fields(c, field);
  }
};

class UmapGmm : public Model {
 public:
  using Config = UmapGmmConfig;
  static constexpr Abilities kAbilities = {.clusters = true, .embeds = true};

  UmapGmm(const Config& config, const data::Description& data, const Randomness&)
      : Model(kAbilities),
        config_(config),
        space_(*this, config.pca_dim),
        images_(*this, deformation_of(data, config)),
        map_(*this, map_options(config, config.clusters, data.size)),
        mixture_(*this, config.clusters, map_dimensions(config.clusters)) {}

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override { return {{.name = "clusters", .closed_form = true}}; }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {  // A1, O1
    const Tensor x = fitting.data.all();
    space_.fit(x, fitting.observer);
    const Tensor reduced = space_(x);
    auto found = map_categories(fitting.data, config_.clusters, config_, fitting.random, fitting.stop());
    map_.begin(x, reduced, found.places);
    images_.begin(x);
    mixture_.store(found.mixture);
    return {{{"log_likelihood", found.log_likelihood}}, true};
  }

  // Asking -----------------------------------------------------------------------------------------------------------

  Answer answer(const Tensor& x) override {  // to find the places of new examples takes all the time
    const Tensor places = places_of(x), posterior = mixture_.responsibilities(places);
    return {{{places}, {posterior.argmax(1)}}, {posterior.to(at::kFloat)}};
  }
  Latents infer(const Tensor& x) override { return answer(x).latents; }
  Tensor responsibilities(const Tensor& x, size_t) override { return answer(x).responsibilities[0]; }
  std::vector<Facet> facets() const override { return {{0, config_.clusters}}; }

 private:
  Tensor places_of(const Tensor& x) const {
    if (images_.empty()) return map_.places(x, space_);
    auto choice = [&](const Tensor& images, const Tensor& candidates, int64_t k) {
      return images_.nearest(images, candidates, k);
    };
    return map_.places(x, space_, choice, kOffered);
  }

  Config config_;
  ReducedSpace space_;
  KeptImages images_;
  FittedMap map_;  ///< from [N, X or pca_dim] to [N, map_dimensions(K)]
  StoredMixture mixture_;
};

}  // namespace

Method describe_umap_gmm() {
  return describe_method<UmapGmm>({
      .name = "umap-gmm",
      .title = "Gaussian mixture on a map",
      .summary = "A Gaussian mixture on a map that keeps neighbours, those of images in spite of small deformations; "
                 "trains no network.",
      .source =
          "N2D (arXiv:1908.05968) without its autoencoder; neighbours of images as the image distortion model (Keysers "
          "et al. 2007) tells them",
      .tiny = {{"clusters", 3}, {"neighbours", 10}, {"maps", 1}, {"restarts", 2}},
  });
}

}  // namespace cleave::models
