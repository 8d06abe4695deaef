// HDBSCAN, as a method.
//
// Source     Campello, Moulavi, Zimek, Sander. Hierarchical density estimates for data clustering, visualization, and
//            outlier detection. ACM TKDD 2015.
//            McInnes, Healy. Accelerated hierarchical density based clustering. ICDM workshops 2017.
// Clusters   those of a hierarchy of densities that persist longest (excess of mass), or its leaves; the rest is
//            noise                                                                                               (A1)
// New        examples belong to the cluster of the example nearest by mutual reachability, if they lie denser than
//            the birth of that cluster, else to none                                                             (A2)
// Departs    Wide data are reduced to principal components first (pca_dim).
// Shapes     N examples, B of a batch, X features, D dimensions of the space, K clusters.
#include "cleave/classical/hdbscan.h"

#include "cleave/base/error.h"
#include "cleave/models/families/fitted_clusters.h"
#include "cleave/models/registry.h"

namespace cleave::models {

namespace {

struct HdbscanConfig {
  int64_t min_cluster_size = 15;
  int64_t min_points = 0;
  std::string selection = "eom";
  int64_t pca_dim = 50;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("min_cluster_size", c.min_cluster_size, "Examples of the smallest cluster.", at_least(2));
    field("min_points", c.min_points,
          "Examples that make a core, the example itself counted; 0 takes min_cluster_size.", at_least(0));
    field("selection", c.selection, "Clusters that persist longest (excess of mass), or the finest ones.",
          one_of({"eom", "leaf"}));
    field("pca_dim", c.pca_dim, "Principal components to which wider data are reduced; 0 takes them as they are.",
          at_least(0));
  }

  classical::HdbscanOptions options() const {
    return {.min_cluster_size = min_cluster_size,
            .min_points = min_points > 0 ? min_points : min_cluster_size,
            .selection = selection == "leaf" ? classical::Selection::kLeaf : classical::Selection::kExcessOfMass};
  }
};

class Hdbscan : public FittedClusters {
 public:
  using Config = HdbscanConfig;

  Hdbscan(const Config& config, const data::Description&, const Randomness&)
      : FittedClusters(config.pca_dim, /*clusters=*/0), options_(config.options()) {
    codes_ = register_buffer("codes", at::empty({0, 0}));
    code_labels_ = register_buffer("code_labels", at::empty({0}, at::kLong));
    core_distances_ = register_buffer("core_distances", at::empty({0}, at::kDouble));
    probabilities_ = register_buffer("probabilities", at::empty({0}, at::kDouble));
    births_ = register_buffer("births", at::empty({0}, at::kDouble));
    stabilities_ = register_buffer("stabilities", at::empty({0}, at::kDouble));
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<model::Stage> stages() const override { return {{.name = "clusters", .closed_form = true}}; }

  model::Iteration iterate(const model::Stage&, const model::Step&, const model::Fitting& fitting) override {
    const Tensor x = fitting.data.all();
    space_.fit(x, fitting.observer);
    const Tensor codes = space_(x);
    classical::HdbscanResult result = classical::hdbscan(codes, options_, fitting.stop());  // A1
    codes_.set_data(codes.clone());
    code_labels_.set_data(result.labels.clone());
    core_distances_.set_data(result.core_distances);
    probabilities_.set_data(result.probabilities);
    births_.set_data(result.births);
    stabilities_.set_data(result.stabilities);
    const int64_t count = result.births.size(0);
    remember(x, result.labels, count);
    double noise = result.labels.lt(0).to(at::kDouble).mean().item<double>();
    if (count == 0) fitting.observer.note("the data are of one lump: all examples are noise");
    return {{{"clusters", static_cast<double>(count)}, {"noise", noise}}, /*finished=*/true};
  }

  // Asking -----------------------------------------------------------------------------------------------------------

 protected:
  Tensor labels_of_new(const Tensor& codes) override {  // A2
    return classical::hdbscan_labels(codes, codes_, core_distances_, code_labels_, births_, options_.min_points);
  }

 private:
  classical::HdbscanOptions options_;
  Tensor codes_;           ///< [N, D]
  Tensor code_labels_;     ///< [N]
  Tensor core_distances_;  ///< [N]
  Tensor probabilities_;   ///< [N], how near to the densest of its cluster
  Tensor births_;          ///< [K] densities at which the clusters come to be
  Tensor stabilities_;     ///< [K]
};

}  // namespace

model::Method describe_hdbscan() {
  return model::describe_method<Hdbscan>({
      .name = "hdbscan",
      .title = "HDBSCAN",
      .summary = "Finds the clusters that persist over the longest range of densities, and leaves out noise.",
      .source = "Campello, Moulavi, Zimek and Sander, Hierarchical density estimates for data clustering, ACM TKDD "
                "2015; McInnes and Healy, Accelerated hierarchical density based clustering, ICDM workshops 2017",
      .tiny = {{"min_cluster_size", 20}, {"min_points", 3}, {"pca_dim", 4}},
  });
}

}  // namespace cleave::models
