// DBSCAN, as a method.
//
// Source     Ester, Kriegel, Sander, Xu. A density-based algorithm for discovering clusters in large spatial databases
//            with noise. KDD 1996.
// Core       examples with at least min_points examples within eps, themselves counted                          (A1)
// Clusters   core examples linked by steps of at most eps, and what lies within eps of one; the rest is noise   (A2)
// New        examples belong to the cluster of the nearest core example when it is within eps, else to none     (A3)
// Departs    eps = 0 takes the knee of the sorted core distances; wide data are reduced to principal components first.
// Shapes     N examples, B of a batch, X features, D dimensions of the space, K clusters, C core examples.
#include "cleave/classical/dbscan.h"

#include "cleave/base/error.h"
#include "cleave/classical/nearest.h"
#include "cleave/models/families/fitted_clusters.h"
#include "cleave/models/registry.h"

namespace cleave::models {

namespace {

struct DbscanConfig {
  double eps = 0;
  int64_t min_points = 5;
  int64_t pca_dim = 50;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("eps", c.eps, "Radius of a neighbourhood; 0 takes the knee of the sorted distances to the neighbours.",
          at_least(0));
    field("min_points", c.min_points, "Examples within eps that make a core, the example itself counted.", at_least(1));
    field("pca_dim", c.pca_dim, "Principal components to which wider data are reduced; 0 takes them as they are.",
          at_least(0));
  }
};

class Dbscan : public FittedClusters {
 public:
  using Config = DbscanConfig;

  Dbscan(Config config, const data::Description&, const Randomness&)
      : FittedClusters(config.pca_dim, /*clusters=*/0), config_(config) {
    eps_ = register_buffer("eps", at::full({}, config.eps, at::kDouble));
    curve_ = register_buffer("core_distance_curve", at::empty({0}, at::kDouble));
    core_ = register_buffer("core", at::empty({0, 0}));
    core_labels_ = register_buffer("core_labels", at::empty({0}, at::kLong));
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<model::Stage> stages() const override { return {{.name = "clusters", .closed_form = true}}; }

  model::Iteration iterate(const model::Stage&, const model::Step&, const model::Fitting& fitting) override {
    const Tensor x = fitting.data.all();
    const auto should_stop = fitting.stop();
    space_.fit(x, fitting.observer);
    const Tensor codes = space_(x);
    if (config_.min_points <= x.size(0))
      curve_.set_data(classical::core_distance_curve(codes, config_.min_points, 4096, should_stop));
    double eps = config_.eps > 0 ? config_.eps : chosen_eps();
    classical::DbscanResult result = classical::dbscan(codes, eps, config_.min_points, should_stop);  // A1, A2
    if (config_.eps == 0) say_choice(eps, fitting.observer);  // not before: a stopped fit would say it again
    Tensor core = result.core.nonzero().flatten();
    eps_.fill_(eps);
    core_.set_data(codes.index_select(0, core));
    core_labels_.set_data(result.labels.index_select(0, core));
    remember(x, result.labels, result.clusters);
    double noise = result.labels.lt(0).to(at::kDouble).mean().item<double>();
    if (result.clusters == 0)
      fitting.observer.note(
          fmt::format("no example has {} examples within eps {:.4g}: all are noise", config_.min_points, eps));
    return {{{"clusters", static_cast<double>(result.clusters)}, {"noise", noise}, {"eps", eps}}, /*finished=*/true};
  }

  // Asking -----------------------------------------------------------------------------------------------------------

 protected:
  Tensor labels_of_new(const Tensor& codes) override {  // A3
    if (core_.size(0) == 0) return at::full({codes.size(0)}, -1, at::kLong);
    classical::Neighbours near = classical::nearest(codes, core_, 1);
    Tensor is_near = near.distances.flatten() <= eps_;
    return core_labels_.take(near.indices.flatten()).masked_fill(is_near.logical_not(), -1);
  }

 private:
  double chosen_eps() const {
    require<ArgumentError>(curve_.size(0) > 0, "dbscan: fewer than min_points {} examples; set eps",
                           config_.min_points);
    double eps = classical::knee(curve_);
    require<ArgumentError>(eps > 0, "dbscan: no eps follows from the data, whose neighbours are all equal; set eps");
    return eps;
  }

  void say_choice(double eps, model::Observer& observer) const {
    auto quantile = [&](double share) { return curve_.quantile(share).item<double>(); };
    observer.note(fmt::format(
        "eps {:.4g} is the knee of the sorted distances to neighbour number {}, of which a quarter lies below "
        "{:.4g}, half below {:.4g} and 95 % below {:.4g}; set eps to choose another",
        eps, config_.min_points - 1, quantile(0.25), quantile(0.5), quantile(0.95)));
  }

  Config config_;
  Tensor eps_;          ///< [] as used
  Tensor curve_;        ///< [at most 4096] core distances, rising
  Tensor core_;         ///< [C, D]
  Tensor core_labels_;  ///< [C]
};

}  // namespace

model::Method describe_dbscan() {
  return model::describe_method<Dbscan>({
      .name = "dbscan",
      .title = "DBSCAN",
      .summary = "Finds clusters of any shape where the data are dense, and leaves out noise.",
      .source = "Ester, Kriegel, Sander and Xu, A density-based algorithm for discovering clusters, KDD 1996",
      .tiny = {{"eps", 3.0}, {"min_points", 3}, {"pca_dim", 4}},
  });
}

}  // namespace cleave::models
