// Clustering with auxiliary tasks: an autoencoder whose decoder is told the category, and a few labels that spread to
// their neighbours among the features.
//
// Source      Arias, Ramirez. Learning to Cluster with Auxiliary Tasks: A Semi-Supervised Approach. SIBGRAPI 2017.
// Code        f = g(x), deterministic                                       (C1)  features
// Infers      q(c | f) = Categorical(W f + b)                               (I1)  posterior_c
// Generates   x | c, f = decode([f, c])                                     (G1)
// Minimises   L_R + w_C L_C + w_A L_A + L_F, each brought to about [0, 1]: not nats, and not a bound      (O1)
//             L_R   mean over pixels of (x - decode(f, c))^2, one relaxed c (Gumbel-Softmax)
//             L_C   sum_k q_k log(K q_k) / log K: 0 for a category that is open, 1 for one that is sure
//             L_A   (t(q_c) - t(q of the others) + 1) / 2 where t(p) = tanh(-log p) = (1 - p^2) / (1 + p^2)
//             L_F   distance of f to the labelled features of its category: alpha times the mean over examples with
//                   labels, 1 - alpha times that over the others
//             c is an example's label, or else the one that spreads to it over the graph of nearest features of all
//             data, or the one that most of its nearest labelled features in the batch bear                    (A1)
// Reading     L_A sums over the other categories in print, which leaves [0, 1]: their mean is the default, and the
//             strongest competitor and the sum are options, and so is the logarithm without its tanh. Features have
//             length 1 in L_F, so that sqrt(2) is the largest between them in one quadrant, and |r| counts the
//             representatives. The assignment is drawn in the paper, not written: docs/decisions/readings.md.
// Departs     Labels spread over all data by default: with the nearest labelled example of a batch, first mistakes
//             confirm themselves. The classifier is even when categories begin to be learned. Every batch holds
//             `labelled_batch` labelled examples beside the others, categories evenly; the paper names neither batches
//             nor networks. The first epochs see L_R alone, so that the first neighbours mean something, or the first
//             graph is that of the data's principal components. A category without a labelled example can be given to
//             none. Two options mend what labels spread wrongly: a mixture on a neighbour-keeping map that starts
//             from them (A1), and categories that follow the classifier on the examples as they are (A2).
// Shapes      B batch, X features of the data, F feature_dim, K categories.
#include <algorithm>
#include <cmath>

#include "cleave/base/error.h"
#include "cleave/base/text.h"
#include "cleave/classical/gaussian_mixture.h"
#include "cleave/classical/label_spreading.h"
#include "cleave/classical/neighbour_graph.h"
#include "cleave/classical/pca.h"
#include "cleave/classical/umap.h"
#include "cleave/model/blocks.h"
#include "cleave/models/families/map_categories.h"
#include "cleave/models/registry.h"
#include "cleave/networks/networks.h"
#include "cleave/probability/distributions.h"

namespace cleave::models {

using namespace cleave::model;
using probability::Categorical;

namespace {

struct AuxClusterConfig : networks::NetworkConfig {
  int64_t clusters = 0;
  int64_t feature_dim = 16;
  double category_weight = 1;
  double assignment_weight = 10;
  double feature_weight = 1;
  std::string competitors = "mean";
  double smoothing = 0;
  std::string assignment = "graph";
  double alpha = 0.6;
  int64_t neighbours = 15;
  std::string first_graph = "features";
  int64_t pca_dim = 50;
  int64_t corrected_after = 0;
  double doubt = 0.1;
  double unsure = 0.05;
  int64_t labelled_batch = 100;
  double temperature = 1;
  int64_t pretrain_epochs = 20;
  int64_t rounds = 2;
  int64_t epochs = 20;
  double learning_rate = 1e-3;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of categories K; 0 takes as many as the labels name.", at_least(0));
    field("feature_dim", c.feature_dim, "Dimension F of the features.", at_least(1));
    NetworkConfig::fields(c, field);
    field("category_weight", c.category_weight, "Weight w_C of L_C, which asks for open categories.", at_least(0));
    field("assignment_weight", c.assignment_weight, "Weight w_A of L_A, which asks for the assigned category.",
          at_least(0));
    field("feature_weight", c.feature_weight, "Weight of L_F, which draws features to their category's.", at_least(0));
    field("competitors", c.competitors,
          "What L_A holds against the assigned category; with `log` it is -log q_c / log K instead, which does not "
          "give up on what is surely named otherwise.",
          one_of({"mean", "strongest", "sum", "log"}));
    field("smoothing", c.smoothing, "With `log`: probability that the assigned category is another one.",
          between(0, 0.9));
    field("assignment", c.assignment,
          "What names an example's category: labels that spread over the neighbour graph of all data, once a round, or "
          "the nearest labelled examples of the batch.",
          one_of({"graph", "nearest"}));
    field("alpha", c.alpha, "Share of labelled examples in L_F.", between(0, 1));
    field("neighbours", c.neighbours, "Edges of an example in the graph, or labelled examples asked.", at_least(1));
    field("first_graph", c.first_graph,
          "Whose graph labels first spread over: that of the features as pretrained, of the data's principal "
          "components, or of a map that keeps the neighbours of these, where a mixture with a Gaussian for each "
          "category then settles. Later rounds take the features.",
          one_of({"features", "data", "map"}));
    field("pca_dim", c.pca_dim, "Principal components of that graph; 0 is all of the data.", at_least(0));
    field("doubt", c.doubt, "Share of each category, least likely on that map, that is asked for none at first.",
          between(0, 0.9));
    field("corrected_after", c.corrected_after,
          "Passes of a round after which spread categories begin to follow the classifier; 0 is never.", at_least(0));
    field("unsure", c.unsure, "Share of the examples, then named most weakly, that is asked for no category.",
          between(0, 0.9));
    field("labelled_batch", c.labelled_batch, "Labelled examples in every batch.", at_least(1));
    field("temperature", c.temperature, "Temperature of the relaxed categories.", above(0));
    field("pretrain_epochs", c.pretrain_epochs, "First passes over the data, for L_R alone.", at_least(0));
    field("rounds", c.rounds, "How often labels spread over the graph, each time of better features.", at_least(1));
    field("epochs", c.epochs, "Passes over the data after each spreading.", at_least(0));
    field("learning_rate", c.learning_rate, "First learning rate; falls to 0 by a cosine.", above(0));
  }

  AuxClusterConfig resolved(const data::Description& data) const {
    AuxClusterConfig config = *this;
    if (clusters == 0) config.clusters = std::max<int64_t>(data.classes, 2);
    require<ArgumentError>(config.clusters != 1, "--clusters: expected at least 2 categories but received 1");
    require<ArgumentError>(
        assignment == "graph" || corrected_after == 0,
        "--corrected-after: only categories that spread over the graph of all data can be corrected, "
        "but --assignment is {}",
        assignment);
    require<ArgumentError>(config.clusters >= data.classes, "--clusters: {} categories, but the labels name {}",
                           config.clusters, data.classes);
    return config;
  }
};

class AuxCluster : public Model {
 public:
  using Config = AuxClusterConfig;
  static constexpr Abilities kAbilities = {.clusters = true, .embeds = true, .decodes = true};

  AuxCluster(const Config& config, const data::Description& data, const Randomness& random)
      : Model(kAbilities), config_(config), unit_interval_(data.unit_interval) {
    encoder_ =
        register_module("encoder", networks::make_encoder(config, data.shape, data.width, random.stream("encoder")));
    features_ = register_module("features", std::make_shared<networks::Dense>(encoder_->features(), config.feature_dim,
                                                                              random.stream("features")));
    classifier_ = register_module("classifier", std::make_shared<networks::Dense>(config.feature_dim, config.clusters,
                                                                                  random.stream("classifier")));
    decoder_ = register_module(
        "decoder", networks::make_decoder(config, data.shape, data.width, config.feature_dim + config.clusters,
                                          random.stream("decoder")));
    categories_ = register_buffer("categories", at::empty({0}, at::kLong));
  }

  // Code, inference, generation --------------------------------------------------------------------------------------

  Tensor features(const Tensor& x) const {  // C1 [B, F]
    return features_->forward(encoder_->forward(x)).to(at::kFloat);
  }
  Categorical posterior_c(const Tensor& f) const {  // I1 [B, K]
    return Categorical::from_logits(classifier_->forward(f).to(at::kFloat));
  }
  Tensor decode(const Tensor& f, const Tensor& c) const {  // G1: shares c [B, K] -> [B, X]
    Tensor x = decoder_->forward(at::cat({f, c}, 1)).to(at::kFloat);
    return unit_interval_ ? at::sigmoid(x) : x;
  }

  Latents infer(const Tensor& x) override {
    Tensor f = features(x);
    return {{f}, {posterior_c(f).log_probs.argmax(-1)}};
  }
  Tensor responsibilities(const Tensor& x, size_t) override { return posterior_c(features(x)).probs(); }
  Tensor decode(const Latents& h) override { return decode(h.z[0], shares(h.y[0])); }
  std::vector<Facet> facets() const override { return {{0, config_.clusters}}; }

  // Objective --------------------------------------------------------------------------------------------------------

  Objective objective(const Batch& batch, const Stage& stage, const Step&, const Randomness& random) override {  // O1
    Tensor f = features(batch.x);
    Categorical q = posterior_c(f);
    Tensor relaxed = q.rsample_relaxed(config_.temperature, random.stream("noise"));
    Tensor reconstruction = (batch.x - decode(f, relaxed)).square().mean(1);
    if (stage.name == "pretrain") return {{{"reconstruction", reconstruction}}};
    Tensor unit = f / f.norm(2, {1}, true).clamp_min(1e-12);
    Tensor c =
        categories_.size(0) > 0 ? categories_.index_select(0, batch.indices) : named_by_nearest(f.detach(), batch.y);
    Tensor open = (q.probs() * (q.log_probs + std::log(config_.clusters))).sum(1) / std::log(config_.clusters);
    return {{{"reconstruction", reconstruction},
             {"category", open, config_.category_weight},
             {"assignment", assignment_loss(q, c.clamp_min(0)) * c.ge(0), config_.assignment_weight},
             {"feature", feature_loss(unit, c, batch.y), config_.feature_weight}}};
  }

  /// Each example's label, or the one that most of the nearest labelled examples of the batch bear, the lower on a tie:
  /// f [B, F], y [B] with -1 for none -> [B] int64.
  Tensor named_by_nearest(const Tensor& f, const Tensor& y) const {
    Tensor labelled = y.ge(0).nonzero().flatten();
    const int64_t count = std::min(config_.neighbours, labelled.size(0));
    Tensor nearest = std::get<1>(at::cdist(f, f.index_select(0, labelled)).topk(count, 1, /*largest=*/false));
    Tensor bears = y.index_select(0, labelled).index_select(0, nearest.flatten()).view(nearest.sizes());
    Tensor most = at::one_hot(bears, config_.clusters).sum(1).argmax(1);
    return at::where(y.ge(0), y, most);
  }

  /// L_A for q [B, K] and categories c [B]: [B].
  Tensor assignment_loss(const Categorical& q, const Tensor& c) const {
    if (config_.competitors == "log") {
      const double s = config_.smoothing;
      return -((1 - s) * q.log_prob(c) + s * q.log_probs.mean(1)) / std::log(config_.clusters);
    }
    const Tensor square = q.probs().square(), t = (1 - square) / (1 + square);
    Tensor own = t.gather(1, c.unsqueeze(1)).squeeze(1);
    Tensor against = t.sum(1) - own;
    if (config_.competitors == "mean") against = against / static_cast<double>(config_.clusters - 1);
    if (config_.competitors == "strongest") {
      Tensor others = t.scatter(1, c.unsqueeze(1), 1.0);  // t is 1 for what is ruled out
      against = std::get<0>(others.min(1));
    }
    return 0.5 * (own - against + 1);
  }

  /// L_F for features of length 1, [B, F]: [B], whose mean is alpha times that of the labelled ones and (1 - alpha)
  /// times that of the others.
  Tensor feature_loss(const Tensor& unit, const Tensor& c, const Tensor& y) const {
    const int64_t size = unit.size(0);
    Tensor labelled = y.ge(0), rows = labelled.nonzero().flatten();
    Tensor distance = (2 - 2 * unit.mm(unit.index_select(0, rows).t())).clamp_min(1e-12).sqrt();  // [B, L]
    Tensor same = c.unsqueeze(1).eq(c.index_select(0, rows).unsqueeze(0));
    same = same.logical_and(at::arange(size).unsqueeze(1).ne(rows.unsqueeze(0))).to(at::kFloat);  // not to itself
    Tensor mean = (distance * same).sum(1) / same.sum(1).clamp_min(1) / std::sqrt(2.0);
    const auto of_labelled = static_cast<double>(rows.size(0)), all = static_cast<double>(size);
    return mean * at::where(labelled, config_.alpha * all / std::max(of_labelled, 1.0),
                            (1 - config_.alpha) * all / std::max(all - of_labelled, 1.0));
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<Stage> stages() const override {
    std::vector<Stage> stages = {
        {.name = "pretrain", .epochs = config_.pretrain_epochs, .optimise = {{"", constant(config_.learning_rate)}}}};
    for (int64_t round = 0; round < (config_.assignment == "graph" ? config_.rounds : 1); ++round) {
      if (config_.assignment == "graph") stages.push_back({.name = "spread", .closed_form = true});
      stages.push_back({.name = "fit",
                        .epochs = config_.epochs,
                        .optimise = {{"", cosine(config_.learning_rate)}},
                        .labelled = config_.labelled_batch});
    }
    return stages;
  }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {  // A1
    const auto stop = fitting.stop();
    const std::string graph_of = categories_.size(0) == 0 ? config_.first_graph : "features";
    const int64_t neighbours = std::min(config_.neighbours, fitting.data.size() - 1);
    Tensor f = graph_of == "features" ? over_blocks(fitting.data, [&](const Tensor& x) { return features(x); })
                                      : classical::reduced_to(fitting.data.all(), config_.pca_dim);
    if (graph_of == "map") {
      const classical::UmapOptions map = {
          .dimensions = map_dimensions(config_.clusters), .neighbours = neighbours + 1, .min_dist = 0};
      f = classical::umap(f, map, fitting.random.child("map"), stop).map;
    }
    auto graph =
        classical::umap_graph(classical::nearest_others(f, neighbours, fitting.random.child("neighbours"), stop));
    Tensor y = fitting.data.labels(at::arange(f.size(0)));
    Tensor shares = classical::spread_labels(graph, y, config_.clusters, 0.99, stop);
    Tensor c = at::where(y.ge(0), y, shares.argmax(1)), reached = shares.sum(1).gt(0).logical_or(y.ge(0));
    if (Tensor lost = reached.logical_not().nonzero().flatten(); lost.numel() > 0) {
      Tensor rows = at::cat({lost, y.ge(0).nonzero().flatten()});
      Tensor named = named_by_nearest(f.index_select(0, rows), y.index_select(0, rows));
      c.index_copy_(0, lost, named.narrow(0, 0, lost.numel()));
    }
    if (graph_of == "map") c = at::where(y.ge(0), y, settled(f, c, fitting.random));  // -1 where doubted
    categories_.set_data(c);
    return {{{"reached", reached.to(at::kDouble).mean().item<double>()}}, true};
  }

  /// The likeliest component of each example under a mixture of a Gaussian for every category, by expectation
  /// maximisation from the categories c [N] of places [N, D]: [N] int64, -1 for the share `doubt` of each category that
  /// is least likely.
  Tensor settled(const Tensor& places, const Tensor& c, const Randomness& random) const {
    const classical::GaussianMixtureOptions options = {
        .components = config_.clusters, .covariance = classical::Covariance::kFull, .variance_floor = 1e-3};
    classical::GaussianMixtureProgress progress{.iteration = 1,
                                                .mixture = classical::mixture_from_labels(places, c, options)};
    while (!progress.finished)
      classical::mixture_iteration(places, options, random, progress);
    Tensor found = progress.best.responsibilities(places).argmax(1);
    const Tensor log_likelihood = progress.best.log_likelihood(places);
    for (int64_t k = 0; k < config_.clusters; ++k) {
      const Tensor members = found.eq(k).nonzero().flatten();
      const Tensor doubted = weakest(log_likelihood.index_select(0, members), config_.doubt);
      found.index_fill_(0, members.index_select(0, doubted), -1);
    }
    return found;
  }

  void end_epoch(const Stage& stage, const Step& step, const Fitting& fitting) override {  // A2
    if (stage.name != "fit" || config_.corrected_after == 0 || step.epoch + 1 < config_.corrected_after) return;
    auto [strength, c] = over_blocks(fitting.data, [&](const Tensor& x) { return responsibilities(x, 0); }).max(1);
    c.index_fill_(0, weakest(strength, config_.unsure), -1);
    const Tensor y = fitting.data.labels(at::arange(c.size(0)));
    categories_.copy_(at::where(y.ge(0), y, c));
  }

  void begin_stage(const Stage& stage, const Fitting& fitting) override {
    at::NoGradGuard no_grad;
    if (stage.name == "fit") {
      for (Tensor& parameter : classifier_->parameters())
        parameter.zero_();  // t is flat where a category is surely wrong: begin where none is sure
    }
    if (stage.name != "pretrain") return;
    Tensor given = fitting.data.labels(at::arange(fitting.data.size()));
    std::vector<std::string> without;
    for (int64_t k = 0; k < config_.clusters; ++k) {
      if (!given.eq(k).any().item<bool>()) without.push_back(std::to_string(k));
    }
    if (!without.empty()) {
      fitting.observer.note(
          fmt::format("no example is labelled with category {}: such a category is given to none", join(without)));
    }
  }

 private:
  Tensor shares(const Tensor& c) const {
    return c.is_floating_point() ? c : at::one_hot(c, config_.clusters).to(at::kFloat);
  }

  Config config_;
  bool unit_interval_;
  std::shared_ptr<networks::Encoder> encoder_;
  std::shared_ptr<networks::Dense> features_, classifier_;
  std::shared_ptr<networks::Decoder> decoder_;
  Tensor categories_;  ///< [N] int64, of every example of the fit where they spread over all data, -1 where nothing is
                       ///< asked; else empty
};

}  // namespace

Method describe_aux_cluster() {
  return describe_method<AuxCluster>({
      .name = "aux-cluster",
      .title = "Clustering with auxiliary tasks",
      .summary = "An autoencoder whose few labels spread to their neighbours among its features.",
      .source = "Arias, Ramirez. Learning to Cluster with Auxiliary Tasks. SIBGRAPI 2017",
      .learns_from_labels = true,
      .tiny = {{"feature_dim", 4}, {"hidden", {16}}, {"epochs", 10}, {"pretrain_epochs", 1}, {"labelled_batch", 10}},
  });
}

}  // namespace cleave::models
