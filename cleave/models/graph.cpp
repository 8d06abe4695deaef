// Clusters of a graph of neighbours: connected components, Leiden communities, or maximal cliques that may overlap.
//
// Source      Traag, Waltman, van Eck. From Louvain to Leiden: guaranteeing well-connected communities. Sci. Rep. 2019.
//             Bron, Kerbosch. Finding all cliques of an undirected graph. CACM 1973.
//             Jarvis, Patrick. Clustering using a similarity measure based on shared near neighbors. 1973 (weights).
// Graph       an edge from each example to its nearest neighbours, or between all pairs within eps           (G1)
// Components  what hangs together                                                                            (C1)
// Leiden      maximises modularity or the constant Potts model over partitions of the graph                  (O1)
// Cliques     groups of examples all joined to each other that no example can be added to; an example in m of them
//             belongs to each by 1/m                                                                         (C2)
// New x       what most of its nearest neighbours of the fit belong to, those within eps where there is one  (N1)
// Departs     Communities of fewer than min_members are noise. With `clusters` given, the resolution is searched, and
//             communities of less than a twentieth of an even share are dissolved into those that most of their edges
//             lead to. The resolution of the Potts model is in units of the density of the graph.
// Shapes      N examples, B of a batch, X features, P principal components, K clusters.
#include "cleave/classical/graph.h"

#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/classical/cliques.h"
#include "cleave/classical/leiden.h"
#include "cleave/classical/neighbour_graph.h"
#include "cleave/model/fitted_rows.h"
#include "cleave/models/families/reduced_space.h"
#include "cleave/models/registry.h"

namespace cleave::models {

namespace {

struct GraphConfig {
  std::string communities = "leiden";
  int64_t neighbours = 15;
  std::string join = "union";
  double eps = 0;
  std::string weights = "jaccard";
  std::string objective = "modularity";
  double resolution = 1;
  int64_t clusters = 0;
  int64_t min_members = 2;
  int64_t pca_dim = 50;
  int64_t epochs = 50;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("communities", c.communities, "What counts as a cluster of the graph.",
          one_of({"leiden", "components", "cliques"}));
    field("neighbours", c.neighbours, "Nearest neighbours that each example is joined to, and that vote on a new one.",
          at_least(1));
    field("join", c.join, "Examples are joined when either is near the other (union), or both (mutual).",
          one_of({"union", "mutual"}));
    field("eps", c.eps, "Above 0: examples are joined when at most so far apart, whatever their ranks.", at_least(0));
    field("weights", c.weights, "Weights of the edges: shared and jaccard count common neighbours.",
          one_of({"one", "gaussian", "shared", "jaccard"}));
    field("objective", c.objective, "What Leiden maximises.", one_of({"modularity", "cpm"}));
    field("resolution", c.resolution, "Leiden: higher gives more communities; for cpm in densities of the graph.",
          above(0));
    field("clusters", c.clusters, "Leiden: search the resolution for so many communities; 0 takes what there is.",
          at_least(0));
    field("min_members", c.min_members, "Smallest clique; examples in smaller communities are noise.", at_least(1));
    field("pca_dim", c.pca_dim, "Wider data are reduced to so many principal components first; 0 never.", at_least(0));
    field("epochs", c.epochs, "Most passes of Leiden.", at_least(1));
  }
};

constexpr int64_t kDrawnEdges = 1000;               // examples up to which the edges are kept, for the report's figure
constexpr int64_t kMemberships = int64_t{1} << 28;  // most entries of [N, K]

class GraphClusters : public model::Model {
 public:
  using Config = GraphConfig;
  static constexpr model::Abilities kAbilities{.clusters = true, .embeds = true};

  GraphClusters(Config config, const data::Description& data, const Randomness&)
      : Model(kAbilities), config_(std::move(config)), rows_(*this), space_(*this, config_.pca_dim) {
    require<ArgumentError>(config_.clusters == 0 || config_.communities == "leiden",
                           "graph: the number of {} is what the graph says; clusters goes with communities = leiden",
                           config_.communities);
    points_ = register_buffer("points", at::empty({0, 0}));
    edges_ = register_buffer("edges", at::empty({0, 2}, at::kLong));
    cluster_count_ = register_buffer("cluster_count", at::ones({}, at::kLong));
    offsets_ = register_buffer("membership_offsets", at::zeros({1}, at::kLong));
    memberships_ = register_buffer("memberships", at::empty({0}, at::kLong));
    quality_ = register_buffer("quality", at::full({}, -std::numeric_limits<double>::infinity(), at::kDouble));
    labels_ = register_buffer("fit_labels", at::empty({0}, at::kLong));
    for (const char* name : {"fit_next", "fit_low", "fit_high", "fit_tried"})
      search_.push_back(register_buffer(name, at::zeros({}, at::kDouble)));
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<model::Stage> stages() const override {
    int64_t most = config_.communities != "leiden" ? 1
                   : config_.clusters > 0          ? classical::ResolutionSearch::kMostTries
                                                   : config_.epochs;
    return {{.name = config_.communities, .epochs = most, .closed_form = true}};
  }

  model::Iteration iterate(const model::Stage& stage, const model::Step& step, const model::Fitting& fitting) override {
    if (!graph_) build(fitting);
    const auto stop = fitting.stop();
    model::Iteration done;
    if (config_.communities == "cliques") {
      done = find_cliques(fitting, stop);
    } else if (config_.communities == "components") {
      labels_.set_data(classical::connected_components(*graph_));
      done.finished = true;
    } else {
      done = config_.clusters > 0 ? try_resolution(fitting, stop) : pass(step, fitting, stop);
    }
    done.finished |= step.epoch + 1 == stage.epochs;
    if (done.finished) {
      if (config_.communities != "cliques") conclude(fitting);
      graph_.reset();
    }
    done.values.emplace_back("clusters", cluster_count_.item<double>());
    return done;
  }

  // Asking -----------------------------------------------------------------------------------------------------------

  std::vector<model::Facet> facets() const override {
    return {{.layer = 0, .clusters = cluster_count_.item<int64_t>()}};
  }

  model::Latents infer(const Tensor& x) override {
    auto [share, y] = responsibilities(x, 0).max(1);
    return {{space_(x)}, {y.masked_fill(share == 0, -1)}};
  }

  Tensor responsibilities(const Tensor& x, size_t) override {
    Tensor positions = rows_.find(x);
    Tensor result = membership(positions.clamp_min(0));
    Tensor strange = (positions < 0).nonzero().flatten();
    if (strange.size(0) > 0 && points_.size(0) > 0) {
      result.index_copy_(0, strange, of_neighbours(space_(x.index_select(0, strange))));
    }
    return result;
  }

 private:
  using Stop = classical::ShouldStop;

  /// The graph of the data. The same whenever it is built, so that a resumed fit builds it again.
  void build(const model::Fitting& fitting) {  // G1
    Tensor x = fitting.data.all();
    space_.fit(x, fitting.observer);
    rows_.remember(x);
    points_.set_data(space_(x));
    const int64_t n = x.size(0);
    require<DataError>(at::isfinite(points_.sum()).item<bool>(),
                       "graph: the data hold values that are not finite or too large");
    const auto stop = fitting.stop();
    if (config_.eps > 0) {
      graph_ = classical::radius_graph(points_, config_.eps, edge_weight(), int64_t{1} << 26, stop);
    } else if (n == 1) {
      graph_ = classical::graph_of_edges(1, at::empty({0, 2}, at::kLong));
    } else {
      int64_t k = std::min(config_.neighbours, n - 1);
      if (k < config_.neighbours) {
        fitting.observer.note(fmt::format("each of {} examples has {} neighbours, not {}", n, k, config_.neighbours));
      }
      auto found = classical::nearest_others(points_, k, fitting.random.child("neighbours"), stop);
      auto join = config_.join == "union" ? classical::EdgeRule::kUnion : classical::EdgeRule::kMutual;
      graph_ = classical::neighbour_graph(found, join, edge_weight());
    }
    if (n <= kDrawnEdges) edges_.set_data(graph_->edges());
  }

  classical::EdgeWeight edge_weight() const {
    using enum classical::EdgeWeight;
    return config_.weights == "one"        ? kOne
           : config_.weights == "gaussian" ? kGaussian
           : config_.weights == "shared"   ? kShared
                                           : kJaccard;
  }

  classical::LeidenOptions leiden_options(double resolution) const {
    bool potts = config_.objective == "cpm";
    double n = static_cast<double>(graph_->size());
    double density = n > 1 ? graph_->weights.sum().item<double>() / (n * (n - 1)) : 1;
    return {.objective = potts ? classical::Quality::kCpm : classical::Quality::kModularity,
            .resolution = potts ? resolution * std::max(density, 1e-12) : resolution,
            .most_passes = config_.epochs};
  }

  /// O1: one pass from where the last one ended.
  model::Iteration pass(const model::Step& step, const model::Fitting& fitting, const Stop& stop) {
    classical::LeidenOptions options = leiden_options(config_.resolution);
    Randomness random = fitting.random.child("pass", static_cast<uint64_t>(step.epoch));
    Tensor start = labels_.size(0) > 0 ? labels_ : Tensor();
    Tensor labels = classical::leiden_pass(*graph_, start, options, random, stop);
    double quality = classical::partition_quality(*graph_, labels, options);
    bool gained = labels_.size(0) == 0 || classical::gains(quality_.item<double>(), quality, options);
    labels_.set_data(labels);
    quality_.fill_(quality);
    count_communities(labels_);
    return {{{config_.objective, quality}}, !gained};
  }

  /// Members of a community that counts towards `clusters`.
  int64_t least_members() const {
    return std::max(config_.min_members, graph_->size() / (20 * std::max<int64_t>(config_.clusters, 1)));
  }

  /// One resolution of the search, with Leiden until nothing gains. The partition nearest to the wanted number is kept.
  model::Iteration try_resolution(const model::Fitting& fitting, const Stop& stop) {
    classical::ResolutionSearch search;
    search.next = search_[0].item<double>() > 0 ? search_[0].item<double>() : config_.resolution;
    search.low = search_[1].item<double>();
    search.high = search_[2].item<double>();
    search.tried = static_cast<int64_t>(search_[3].item<double>());
    const double resolution = search.next;
    classical::LeidenOptions options = leiden_options(resolution);
    auto found = classical::leiden(*graph_, options, fitting.random.child("search"), stop);
    Tensor labels = classical::without_small(*graph_, found.labels, least_members());
    const int64_t count = labels.max().item<int64_t>() + 1;
    bool more = search.learn(count, config_.clusters);
    if (labels_.size(0) == 0 ||
        std::abs(count - config_.clusters) < std::abs(labels_.max().item<int64_t>() + 1 - config_.clusters)) {
      labels_.set_data(labels);
      quality_.fill_(found.quality);
      count_communities(labels_);
    }
    search_[0].fill_(search.next);
    search_[1].fill_(search.low);
    search_[2].fill_(search.high);
    search_[3].fill_(static_cast<double>(search.tried));
    return {{{"resolution", resolution}, {config_.objective, found.quality}, {"found", static_cast<double>(count)}},
            !more};
  }

  void count_communities(const Tensor& labels) {
    Tensor placed = labels.masked_select(labels >= 0);
    int64_t count = placed.size(0) == 0 ? 0 : placed.bincount().ge(config_.min_members).sum().item<int64_t>();
    cluster_count_.fill_(std::max<int64_t>(count, 1));
  }

  /// From the partition to clusters: small parts become noise, the others are numbered by size.
  void conclude(const model::Fitting& fitting) {
    const int64_t n = labels_.size(0);
    Tensor placed = (labels_ >= 0).nonzero().flatten();
    Tensor labels = at::full({n}, -1, at::kLong);
    if (placed.size(0) > 0) {
      Tensor numbered = classical::numbered_by_size(labels_.index_select(0, placed));
      Tensor large = numbered.bincount().take(numbered) >= config_.min_members;
      labels.index_put_({placed}, numbered.masked_fill(large.logical_not(), -1));
    }
    Tensor belongs = labels >= 0;
    const int64_t noise = n - belongs.sum().item<int64_t>();
    if (noise > 0) {
      fitting.observer.note(fmt::format("{} of {} examples are noise: their groups have fewer than {} members", noise,
                                        n, config_.min_members));
    }
    count_communities(labels);
    if (config_.clusters > 0 && cluster_count_.item<int64_t>() != config_.clusters) {
      fitting.observer.note(fmt::format("no resolution gives {} communities: {} is the nearest", config_.clusters,
                                        cluster_count_.item<int64_t>()));
    }
    offsets_.set_data(at::cat({at::zeros({1}, at::kLong), belongs.to(at::kLong).cumsum(0)}));
    memberships_.set_data(labels.masked_select(belongs));
    labels_.set_data(at::empty({0}, at::kLong));
  }

  model::Iteration find_cliques(const model::Fitting& fitting, const Stop& stop) {  // C2
    const int64_t n = graph_->size();
    classical::Cliques cliques =
        classical::maximal_cliques(*graph_, config_.min_members, std::min<int64_t>(100'000, kMemberships / n), stop);
    cluster_count_.fill_(std::max<int64_t>(cliques.count(), 1));
    Tensor which = at::repeat_interleave(at::arange(cliques.count()), cliques.offsets.diff());
    auto [examples, order] = cliques.members.sort(/*stable=*/true, /*dim=*/0, /*descending=*/false);
    offsets_.set_data(at::cat({at::zeros({1}, at::kLong), examples.bincount({}, n).cumsum(0)}));
    memberships_.set_data(which.index_select(0, order));
    const int64_t none = (offsets_.diff() == 0).sum().item<int64_t>();
    if (none > 0) {
      fitting.observer.note(
          fmt::format("{} of {} examples are in no clique of at least {} members", none, n, config_.min_members));
    }
    return {{{"largest", cliques.count() > 0 ? cliques.offsets[1].item<double>() : 0.0}}, true};
  }

  /// What examples of the fit belong to: positions [B] -> [B, K], rows of 0 for noise.
  Tensor membership(const Tensor& positions) const {
    Tensor result = at::zeros({positions.size(0), cluster_count_.item<int64_t>()});
    const auto* offsets = offsets_.const_data_ptr<int64_t>();
    const auto* clusters = memberships_.const_data_ptr<int64_t>();
    const auto* position = positions.const_data_ptr<int64_t>();
    for (int64_t b = 0; b < positions.size(0) && offsets_.size(0) > 1; ++b) {
      int64_t first = offsets[position[b]], last = offsets[position[b] + 1];
      float* row = result.data_ptr<float>() + b * result.size(1);
      for (int64_t m = first; m < last; ++m)
        row[clusters[m]] = 1 / static_cast<float>(last - first);
    }
    return result;
  }

  /// N1: the mean membership of the neighbours; of clusters that do not overlap the one with most of them. None where
  /// more of the neighbours are noise.
  Tensor of_neighbours(const Tensor& z) const {
    const int64_t k = std::min(config_.neighbours, points_.size(0)), clusters = cluster_count_.item<int64_t>();
    classical::Neighbours found = classical::nearest(z, points_, k);
    Tensor votes = at::zeros({z.size(0), clusters}), noise = at::zeros({z.size(0)}), voters = noise.clone();
    for (int64_t rank = 0; rank < k; ++rank) {
      Tensor counts =
          config_.eps > 0 ? (found.distances.select(1, rank) <= config_.eps).to(at::kFloat) : at::ones({z.size(0)});
      Tensor of_one = membership(found.indices.select(1, rank).contiguous());
      votes += of_one * counts.unsqueeze(1);
      noise += counts * (of_one.sum(1) == 0);
      voters += counts;
    }
    if (config_.communities != "cliques") {
      auto [most, winner] = votes.max(1);
      return at::one_hot(winner, clusters) * (most >= noise).logical_and(most > 0).unsqueeze(1).to(at::kFloat);
    }
    Tensor total = votes.sum(1);
    return votes / total.clamp_min(1e-6).unsqueeze(1) * (total >= noise).logical_and(total > 0).unsqueeze(1);
  }

  GraphConfig config_;
  model::FittedRows rows_;
  ReducedSpace space_;
  std::optional<classical::Graph> graph_;  // built again after a resume
  Tensor points_;                          ///< [N, P] the examples of the fit
  Tensor edges_;                           ///< [M, 2] of a graph small enough to be drawn
  Tensor cluster_count_;                   ///< [] K, at least 1
  Tensor offsets_, memberships_;           ///< [N + 1], clusters of each example of the fit one after the other
  Tensor quality_;                         ///< [] of the partition
  Tensor labels_;                          ///< [N] the partition so far; empty before and after the fit
  std::vector<Tensor> search_;             ///< next, low, high, tried of the search for a resolution
};

}  // namespace

model::Method describe_graph() {
  return model::describe_method<GraphClusters>({
      .name = "graph",
      .title = "Graph clustering",
      .summary = "Leiden communities, connected components or overlapping cliques of the graph of neighbours.",
      .source = "Traag, Waltman, van Eck, From Louvain to Leiden, Scientific Reports 2019, arXiv:1810.08473",
      .tiny = {{"neighbours", 8}},
  });
}

}  // namespace cleave::models
