// k-medians: cluster centres that minimise the sum of absolute distances.
//
// Source      Bradley, Mangasarian, Street. Clustering via Concave Minimization. NIPS 1996.
// Minimises   sum_i min_k |x_i - m_k|_1 over the centres m      (O1)
// Alternates  y_i = argmin_k |x_i - m_k|_1                      (A1)  nearest
//             m_k = median of the x_i with y_i = k              (A2)  an empty cluster keeps its centre
// Shapes      N examples, X features, K clusters.
#include "cleave/model/method.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

struct KMediansConfig {
  int64_t clusters = 10;
  int64_t epochs = 100;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of clusters K.", at_least(1));
    field("epochs", c.epochs, "Passes over the data, at most.", at_least(1));
  }
};

class KMedians : public Model {
 public:
  using Config = KMediansConfig;
  static constexpr Abilities kAbilities = {.clusters = true, .embeds = true, .code_follows_clusters = true};

  KMedians(const Config& config, const data::Description& data, const Randomness&)
      : Model(kAbilities), config_(config) {
    centres_ = register_buffer("centres", at::zeros({config.clusters, data.width}));
  }

  // Clusters
  // -----------------------------------------------------------------------------------------------------------

  Tensor distances(const Tensor& x) const { return at::cdist(x, centres_, /*p=*/1); }  // [B, K]
  Tensor nearest(const Tensor& x) const { return distances(x).argmin(-1); }            // A1 [B]

  Latents infer(const Tensor& x) override { return {{distances(x)}, {nearest(x)}}; }
  Tensor responsibilities(const Tensor& x, size_t) override {
    return at::one_hot(nearest(x), config_.clusters).to(at::kFloat);
  }
  std::vector<Facet> facets() const override { return {{0, config_.clusters}}; }

  // Fitting
  // ------------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    return {{.name = "fit", .epochs = config_.epochs, .closed_form = true, .optimise = {}}};
  }

  /// The first centres are examples drawn at random.
  void begin_stage(const Stage&, const Fitting& fitting) override {
    Tensor order = at::randperm(fitting.data.size(), fitting.random.stream("centres"), at::kLong);
    centres_.copy_(fitting.data.rows(order.narrow(0, 0, config_.clusters)));
  }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {  // A1, then A2
    Tensor x = fitting.data.all(), y = nearest(x), before = centres_.clone();
    double cost = std::get<0>(distances(x).min(-1)).sum().item<double>();
    for (int64_t k = 0; k < config_.clusters; ++k) {
      Tensor members = x.index({y == k});
      if (members.size(0) > 0) centres_[k].copy_(std::get<0>(members.median(0)));
    }
    return {{{"cost", cost}}, at::equal(before, centres_)};
  }

 private:
  Config config_;
  Tensor centres_;
};

}  // namespace

Method describe_k_medians() {
  return describe_method<KMedians>({
      .name = "k-medians",
      .title = "k-medians",
      .summary = "Like k-means, but with medians: outliers do not move the centres.",
      .source = "Bradley, Mangasarian, Street. Clustering via Concave Minimization. NIPS 1996",
      .tiny = {{"clusters", 3}},
  });
}

}  // namespace cleave::models
