// Agglomerative clustering, as a method.
//
// Source     Ward. Hierarchical grouping to optimize an objective function. JASA 1963.
//            Mullner. Modern hierarchical, agglomerative clustering algorithms. 2011, arXiv:1109.2378.
// Merges     the two nearest clusters, from single examples to one cluster of all; linkage says what near means  (A1)
// Cuts       the tree of merges where K clusters are left, or at a height                                        (A2)
// New        examples belong to the cluster with the nearest centre of mass                                      (A3)
// Departs    Wide data are reduced to principal components first (pca_dim).
// Shapes     N examples, B of a batch, X features, D dimensions of the space, K clusters.
#include "cleave/classical/agglomerative.h"

#include "cleave/base/error.h"
#include "cleave/classical/nearest.h"
#include "cleave/models/families/fitted_clusters.h"
#include "cleave/models/registry.h"

namespace cleave::models {

namespace {

struct AgglomerativeConfig {
  int64_t clusters = 10;
  double height = 0;
  std::string linkage = "ward";
  int64_t connectivity = 0;
  int64_t pca_dim = 50;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of clusters K, where the height does not decide.", at_least(1));
    field("height", c.height, "Cut the tree at this height; 0 cuts it into K clusters.", at_least(0));
    field("linkage", c.linkage, "Distance of two clusters.",
          one_of({"ward", "average", "complete", "single", "centroid"}));
    field("connectivity", c.connectivity, "Only clusters joined by this many nearest neighbours merge; 0 lets any two.",
          at_least(0));
    field("pca_dim", c.pca_dim, "Principal components to which wider data are reduced; 0 takes them as they are.",
          at_least(0));
  }
};

class Agglomerative : public FittedClusters {
 public:
  using Config = AgglomerativeConfig;

  Agglomerative(Config config, const data::Description&, const Randomness&)
      : FittedClusters(config.pca_dim, config.clusters), config_(std::move(config)) {
    merges_ = register_buffer("merges", at::empty({0, 2}, at::kLong));
    heights_ = register_buffer("heights", at::empty({0}, at::kDouble));
    centres_ = register_buffer("centres", at::empty({0, 0}));
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<model::Stage> stages() const override { return {{.name = "merges", .closed_form = true}}; }

  model::Iteration iterate(const model::Stage&, const model::Step&, const model::Fitting& fitting) override {
    const Tensor x = fitting.data.all();
    require<ArgumentError>(config_.height > 0 || config_.clusters <= x.size(0),
                           "agglomerative: {} clusters asked of {} examples; ask for at most {}", config_.clusters,
                           x.size(0), x.size(0));
    space_.fit(x, fitting.observer);
    const Tensor codes = space_(x);
    classical::MergeTree tree = classical::agglomerate(  // A1
        codes, {.linkage = classical::linkage_of(config_.linkage), .connectivity = config_.connectivity},
        fitting.stop());
    Tensor labels = config_.height > 0 ? cut_at(tree, config_.height) : cut_into(tree, config_.clusters);  // A2
    int64_t count = labels.max().item<int64_t>() + 1;
    Tensor sums = at::zeros({count, codes.size(1)}, at::kDouble).index_add_(0, labels, codes.to(at::kDouble));
    centres_.set_data((sums / labels.bincount({}, count).unsqueeze(1)).to(at::kFloat));
    merges_.set_data(tree.merges);
    heights_.set_data(tree.heights);
    remember(x, labels, count);
    double top = tree.examples() > 1 ? tree.heights[-1].item<double>() : 0;
    return {{{"clusters", static_cast<double>(count)}, {"last_height", top}}, /*finished=*/true};
  }

  // Asking -----------------------------------------------------------------------------------------------------------

  model::Merges merge_tree() const override { return {merges_, heights_}; }

 protected:
  Tensor labels_of_new(const Tensor& codes) override {  // A3
    return classical::nearest(codes, centres_, 1).indices.flatten();
  }

 private:
  Config config_;
  Tensor merges_;   ///< [N - 1, 2], as in classical::MergeTree
  Tensor heights_;  ///< [N - 1]
  Tensor centres_;  ///< [K, D] centres of mass
};

}  // namespace

model::Method describe_agglomerative() {
  return model::describe_method<Agglomerative>({
      .name = "agglomerative",
      .title = "Agglomerative clustering",
      .summary = "Merges the two nearest clusters again and again, and cuts the tree that results.",
      .source = "Ward, Hierarchical grouping to optimize an objective function, JASA 1963; Mullner, Modern "
                "hierarchical, agglomerative clustering algorithms, 2011, arXiv:1109.2378",
      .tiny = {{"clusters", 3}, {"pca_dim", 4}},
  });
}

}  // namespace cleave::models
