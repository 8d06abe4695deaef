#include "cleave/experiment/evaluate.h"

#include <cmath>

#include "cleave/analysis/answers.h"
#include "cleave/base/version.h"
#include "cleave/experiment/assignment.h"
#include "cleave/experiment/bounds.h"
#include "cleave/experiment/factors.h"
#include "cleave/metrics/accuracy.h"
#include "cleave/metrics/agreement.h"
#include "cleave/metrics/nearest_neighbours.h"
#include "cleave/metrics/silhouette.h"
#include "cleave/model/blocks.h"

namespace cleave::experiment {

namespace {

constexpr int64_t kMostLeftOut = 10'000;     // examples judged one by one where there is no split
constexpr int64_t kMostSilhouettes = 5'000;  // its cost grows with the square

/// A partition of the data that somebody knows to be there.
struct Truth {
  std::string name;
  Tensor classes;  // [N] int64, -1 unknown
};

bool known(const Tensor& classes) {
  return classes.ge(0).any().item<bool>();
}

std::vector<Truth> truths(const data::Dataset& dataset) {
  std::vector<Truth> result;
  if (dataset.has_labels() && known(dataset.labels)) result.push_back({"label", dataset.labels});
  for (const data::Factor& factor : dataset.factors) {
    if (!factor.categorical) continue;
    const Tensor classes = factor.values.nan_to_num(-1).to(at::kLong);  // of drawn examples nobody knows them
    if (known(classes)) result.push_back({factor.name, classes});
  }
  return result;
}

Settings agreement(const Assignment& assignment, const Tensor& classes) {
  using metrics::Normalisation;
  metrics::Contingency table = metrics::cross_tabulate(assignment.cluster, classes);
  auto nmi = [&](Normalisation normalisation) { return metrics::normalised_mutual_information(table, normalisation); };
  return {{"examples", table.examples()},
          {"accuracy_hungarian", metrics::accuracy_hungarian(table)},
          {"accuracy_majority", metrics::accuracy_majority(table)},
          {"accuracy_simple", metrics::accuracy_simple(assignment.cluster, classes, assignment.confidence)},
          {"nmi_arithmetic", nmi(Normalisation::kArithmetic)},
          {"nmi_geometric", nmi(Normalisation::kGeometric)},
          {"nmi_max", nmi(Normalisation::kMaximum)},
          {"ari", metrics::adjusted_rand_index(table)},
          {"homogeneity", metrics::homogeneity(table)},
          {"completeness", metrics::completeness(table)}};
}

/// The labels [N] by the numbers that classes of those names had for the method, -2 for classes that it never met.
Tensor labels_as_learned(const data::Dataset& dataset, const std::vector<std::string>& names) {
  if (names.empty() || dataset.label_names.empty()) return dataset.labels;
  return places_of(dataset.label_names, names, /*absent=*/-2).index_select(0, dataset.labels.clamp_min(0));
}

/// `learned` [N]: the labels by the numbers that the method knows them by; undefined where it learned from none.
Settings clusterings(const std::vector<model::Facet>& facets, const std::vector<Assignment>& assignments,
                     const data::Dataset& dataset, const Tensor& learned) {
  Settings result = Settings::array();
  for (size_t i = 0; i < facets.size(); ++i) {
    for (const Truth& truth : truths(dataset)) {
      Settings entry = {{"layer", facets[i].layer}, {"k", facets[i].clusters}, {"against", truth.name}};
      entry.update(agreement(assignments[i], truth.classes));
      if (learned.defined() && truth.name == "label") {
        const Tensor labelled = truth.classes.ge(0);
        const Tensor right = assignments[i].cluster.eq(learned).masked_select(labelled);
        entry["accuracy_as_named"] = right.to(at::kDouble).mean().item<double>();
      }
      result.push_back(std::move(entry));
    }
  }
  return result;
}

Settings silhouettes(const std::vector<model::Facet>& facets, const std::vector<Assignment>& assignments,
                     const Tensor& points, const Randomness& random) {
  Settings result = Settings::array();
  for (size_t i = 0; i < facets.size(); ++i) {
    auto silhouette = metrics::silhouette(points, assignments[i].cluster, random, kMostSilhouettes);
    if (!silhouette) continue;
    result.push_back({{"layer", facets[i].layer},
                      {"k", facets[i].clusters},
                      {"value", silhouette->mean},
                      {"examples", silhouette->examples}});
  }
  return result;
}

/// Values of k for which there are enough neighbours.
std::vector<int64_t> neighbours_among(const Tensor& labels, int64_t left_out) {
  int64_t voters = labels.ge(0).sum().item<int64_t>() - left_out;
  std::vector<int64_t> ks;
  for (int64_t k : {3, 5, 10}) {
    if (k <= voters) ks.push_back(k);
  }
  return ks;
}

/// Adds `key` and "knn_split": from the publisher's training data to the test data where both are there.
void add_knn_error(Settings& result, const char* key, const Tensor& codes, const data::Dataset& dataset) {
  int64_t train = dataset.train_count, n = dataset.size();
  bool split = train > 0 && train < n && known(dataset.labels.narrow(0, train, n - train));
  Tensor rows = split ? Tensor() : analysis::stratified_rows(n, kMostLeftOut);
  Tensor voters = split ? dataset.labels.narrow(0, 0, train) : dataset.labels.index_select(0, rows);
  auto ks = neighbours_among(voters, split ? 0 : 1);
  if (ks.empty()) return;  // three examples or fewer have a label
  std::map<int64_t, double> errors;
  if (split) {
    errors = metrics::knn_errors(codes.narrow(0, 0, train), voters, codes.narrow(0, train, n - train),
                                 dataset.labels.narrow(0, train, n - train), ks);
  } else {
    errors = metrics::knn_errors_leaving_one_out(codes.index_select(0, rows), voters, ks);
  }
  for (const auto& [k, error] : errors)
    result[key][std::to_string(k)] = error;
  result["knn_split"] = split ? "train to test" : "leave one out";
}

/// How much the examples of each cluster of the first clustering say with each latent.
void add_information(Settings& result, const FinishedRun& run, const Tensor& clusters, int64_t count) {
  constexpr int64_t kMost = 100;  // clusters, and latents
  if (count > kMost) return;
  const data::View view = run.view();
  Tensor rows = analysis::stratified_rows(view.size(), kMostLeftOut);
  Tensor nats = analysis::information_by_class(*run.fitted.model, view, rows, clusters.index_select(0, rows), count);
  if (!nats.defined() || nats.size(1) > kMost) return;
  for (int64_t d = 0; d < nats.size(1); ++d) {
    for (int64_t k = 0; k < count; ++k) {
      const auto mean = nats[k][d].item<double>();
      if (!std::isfinite(mean)) continue;  // nobody of the cluster was asked
      result["information"][fmt::format("latent_{}", d)][fmt::format("cluster_{}", k)] = mean;
    }
  }
}

void add_bounds(Settings& result, const FinishedRun& run, const EvaluationConfig& config, const Randomness& random) {
  Bounds bounds = measure_bounds(*run.fitted.model, run.view(), config.bound_examples, config.iwae_samples, random);
  if (!std::isfinite(bounds.elbo) || !std::isfinite(bounds.iwae)) return;
  result["bounds"] = {{"elbo", bounds.elbo},       {"elbo_se", bounds.elbo_se},      {"iwae", bounds.iwae},
                      {"iwae_se", bounds.iwae_se}, {"iwae_samples", bounds.samples}, {"examples", bounds.examples}};
}

/// Shares of the variance, for a method that keeps them: its buffers "explained_variance" [D] and "total_variance".
void add_explained_variance(Settings& result, model::Model& model) {
  auto buffers = model.named_buffers();
  const Tensor *explained = buffers.find("explained_variance"), *total = buffers.find("total_variance");
  if (explained == nullptr || total == nullptr || total->item<double>() <= 0) return;
  Tensor shares = (explained->to(at::kDouble) / total->to(at::kDouble)).contiguous();
  const auto* share = shares.const_data_ptr<double>();
  result["explained_variance"] = {{"shares", std::vector<double>(share, share + shares.numel())},
                                  {"sum", shares.sum().item<double>()}};
}

void add_unless_empty(Settings& result, const char* key, Settings value) {
  if (!value.empty()) result[key] = std::move(value);
}

}  // namespace

Settings evaluate(const FinishedRun& run, const EvaluationConfig& config) {
  model::Model& model = *run.fitted.model;
  const model::Abilities& can = model.abilities();
  const data::View view = run.view();
  const Randomness random = Randomness(static_cast<uint64_t>(config.seed)).child("evaluation");
  Settings result = {{"run", run.folder.path().string()}, {"method", run.fitted.method},
                     {"commit", build_commit()},          {"data", run.dataset.name},
                     {"n", run.dataset.size()},           {"seed", run.folder.config().seed}};

  analysis::Answers answers = run.answers();
  const Tensor hidden = analysis::hidden_features(model, view), features = hidden.defined() ? hidden : answers.code();
  if (can.clusters) {
    std::vector<Assignment> assignments;
    for (const Tensor& responsibilities : answers.responsibilities) {
      assignments.push_back(most_probable(responsibilities));
    }
    std::vector<model::Facet> facets = model.facets();
    const bool from_labels = run.folder.config().data.labels == "own" && run.dataset.has_labels();
    const Tensor learned = from_labels ? labels_as_learned(run.dataset, run.fitted.class_names) : Tensor();
    add_unless_empty(result, "facets", clusterings(facets, assignments, run.dataset, learned));
    if (!facets.empty()) add_information(result, run, assignments[0].cluster, facets[0].clusters);
    add_unless_empty(result, "facet_factors", facets_against_factors(facets, assignments, run.dataset));
    add_unless_empty(result, "silhouette",
                     silhouettes(facets, assignments, can.independent_code() ? features : view.all(), random));
  }
  add_explained_variance(result, model);
  bool labelled = run.dataset.has_labels() && known(run.dataset.labels);
  if (can.embeds && labelled) {
    add_knn_error(result, "knn_error", answers.code(), run.dataset);
    if (hidden.defined()) add_knn_error(result, "knn_error_features", hidden, run.dataset);
  }
  if (can.embeds) {
    add_factor_correlations(result, answers.code(), run.dataset);
    add_unless_empty(result, "disentanglement", disentanglement(answers.code(), run.dataset, random));
  }
  if (can.has_bound && labelled) add_unless_empty(result, "detected", factors_of_classes(run));
  if (can.has_bound && config.iwae_samples > 0) add_bounds(result, run, config, random);
  return result;
}

}  // namespace cleave::experiment
