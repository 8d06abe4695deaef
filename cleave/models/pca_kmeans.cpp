// k-means on the first principal components.
//
// Source      Ding, He. K-means clustering via principal component analysis. ICML 2004.
// Code        z = W (x - m), the first D principal components                      (C1)  families/reduced_space.h
// Minimises   sum_i min_k |z_i - c_k|^2 over the centres c                              (O1)  classical/kmeans.h
// Embeds      x as z; decodes a code and the centre of a cluster as the nearest point of the plane.
// Shapes      N examples, B batch, X features, D components, K clusters.
#include "cleave/classical/kmeans.h"
#include "cleave/models/families/reduced_space.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

struct PcaKmeansConfig {
  int64_t clusters = 10;
  int64_t pca_dim = 50;
  int64_t restarts = 10;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of clusters K.", at_least(1));
    field("pca_dim", c.pca_dim, "Principal components D; 0 takes the data as they are.", at_least(0));
    field("restarts", c.restarts, "Fits from different first centres; the one of least inertia is kept.", at_least(1));
  }
};

class PcaKmeans : public Model {
 public:
  using Config = PcaKmeansConfig;
  static constexpr Abilities kAbilities = {.clusters = true, .embeds = true, .decodes = true};

  PcaKmeans(const Config& config, const data::Description&, const Randomness&)
      : Model(kAbilities), config_(config), space_(*this, config.pca_dim) {
    centres_ = register_buffer("centres", at::empty({0, 0}));
  }

  std::vector<Stage> stages() const override { return {{.name = "clusters", .closed_form = true}}; }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {  // C1, O1
    const Tensor x = fitting.data.all();
    space_.fit(x, fitting.observer);
    auto fit = classical::kmeans(space_(x), {.clusters = config_.clusters, .restarts = config_.restarts},
                                 fitting.random, fitting.stop());
    centres_.set_data(fit.centres);
    return {{{"inertia", fit.assignment.inertia}}, true};
  }

  Latents infer(const Tensor& x) override {
    const Tensor z = space_(x);
    return {{z}, {classical::assign(z, centres_).labels}};
  }
  Tensor responsibilities(const Tensor& x, size_t) override {
    return at::one_hot(infer(x).y[0], config_.clusters).to(at::kFloat);
  }
  Tensor decode(const Latents& h) override { return space_.inverse(h.z.at(0)); }
  std::vector<Facet> facets() const override { return {{0, config_.clusters}}; }

 private:
  Config config_;
  ReducedSpace space_;
  Tensor centres_;  ///< [K, D]
};

}  // namespace

Method describe_pca_kmeans() {
  return describe_method<PcaKmeans>({
      .name = "pca-kmeans",
      .title = "PCA and k-means",
      .summary = "k-means on the first principal components: what most people try first.",
      .source = "Ding, He. K-means clustering via principal component analysis. ICML 2004",
      .tiny = {{"clusters", 3}, {"pca_dim", 2}, {"restarts", 2}},
  });
}

}  // namespace cleave::models
