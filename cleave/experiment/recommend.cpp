#include "cleave/experiment/recommend.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cleave/base/text.h"
#include "cleave/classical/gaussian_mixture.h"
#include "cleave/experiment/choosing_k.h"

namespace cleave::experiment {

namespace {

constexpr int64_t kFewExamples = 1000;  // below this, a map of cells or measurements has too few neighbours to keep
constexpr int64_t kMixtures = 20;       // of a small table, of which the likeliest is kept
constexpr int64_t kFewFeatures = 10;    // below this there is nothing to compress

int64_t shorter_side(const data::Dataset& dataset) {
  return std::min(dataset.shape[dataset.shape.size() - 2], dataset.shape.back());
}

/// Self-labelling, whose network learns what survives a turn by 15 degrees, a shift by a fourteenth of the shorter side
/// and 15 % in size: docs/decisions/trust.md.
Recommendation self_labelling(const data::Dataset& dataset) {
  return {"self-label",
          {{"network", "convolutional-encoder"}, {"hidden", {256}}},
          {{"augment_rotation", 15},
           {"augment_shift", std::round(static_cast<double>(shorter_side(dataset)) / 1.4) / 10},
           {"augment_scale", 0.15}},
          "images, to learn from altered copies: clusters of a neighbour graph, taught to a network"};
}

Recommendation by_kind(const data::Dataset& dataset, bool altered) {
  bool small = dataset.size() < kFewExamples;
  switch (dataset.kind) {
    case data::Kind::kImage:
      if (altered) return self_labelling(dataset);
      return {"umap-gmm",
              {},
              {},
              "images: a mixture on a map that keeps the neighbours, which are told by a distance that forgives small "
              "deformations"};
    case data::Kind::kCounts:
      if (small) {
        return {
            "pca-kmeans", {}, {}, "few count profiles: k-means on the principal components of normalised logarithms"};
      }
      return {"umap-gmm", {}, {}, "counts: a mixture on a map that keeps the neighbours of normalised logarithms"};
    case data::Kind::kText:
      return {"simple-gm",
              {{"latent_dim", 10}, {"gaussian_weight", 3}, {"epochs", 20}, {"start_epochs", 10}},
              {},
              "text: categories of a map that keeps the neighbours, taught to a small generative model"};
    case data::Kind::kTable:
      break;
  }
  if (small || dataset.width() <= kFewFeatures) {
    return {
        "gmm",
        {{"restarts", kMixtures}},
        {},
        "a small table: a Gaussian mixture, the likeliest of several, its components stretched along the columns or in "
        "any direction, as BIC favours; it needs no training"};
  }
  return {"umap-gmm", {}, {}, "a table of many columns: a mixture on a map that keeps the neighbours"};
}

std::string value_text(const Settings& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Settings& entry : value)
    text += (text.empty() ? "" : ",") + entry.dump();
  return text;
}

/// Flags of the settings that differ from the defaults.
std::string flags(const Settings& settings, const std::vector<Field>& fields) {
  std::string text;
  for (const Field& field : fields) {
    if (field.name == "name" || !settings.contains(field.name) || settings[field.name] == field.preset) continue;
    text += fmt::format(" {} {}", field.flag(), shell_word(value_text(settings[field.name])));
  }
  return text;
}

}  // namespace

Recommendation recommend(const data::Dataset& dataset, int64_t clusters, bool altered) {
  Recommendation recommendation = by_kind(dataset, altered);
  if (recommendation.settings.is_null()) recommendation.settings = Settings::object();
  if (recommendation.data.is_null()) recommendation.data = Settings::object();
  if (clusters > 0) recommendation.settings["clusters"] = clusters;
  return recommendation;
}

std::string favoured_covariance(const Tensor& x, int64_t clusters, const Randomness& random,
                                const classical::ShouldStop& should_stop) {
  auto bic = [&](classical::Covariance covariance) {
    return classical::fit_gaussian_mixture(x, {.components = clusters, .covariance = covariance, .restarts = kMixtures},
                                           random, should_stop)
        .bic(x.size(0));
  };
  const bool full =
      bears_full_covariances(x, clusters) && bic(classical::Covariance::kFull) < bic(classical::Covariance::kDiagonal);
  return full ? "full" : "diag";
}

std::string train_line(const RunConfig& config) {
  std::string line = fmt::format("cleave train {} {}", config.method, shell_word(config.data.name));
  for (const auto& [name, value] : config.settings.items()) {
    line += fmt::format(" {} {}", Field{name, {}, {}, {}, {}}.flag(), shell_word(value_text(value)));
  }
  line += flags(to_settings(config.data), describe_fields<DataConfig>());
  line += flags(to_settings(config.training), describe_fields<training::TrainConfig>());
  return config.seed == 0 ? line : line + fmt::format(" --seed {}", config.seed);
}

}  // namespace cleave::experiment
