#include "cleave/experiment/recommend.h"

#include <fmt/format.h>

namespace cleave::experiment {

namespace {

constexpr int64_t kFewExamples = 1000;  // below this, networks of some hundred thousand weights learn the rows by heart
constexpr int64_t kFewFeatures = 10;    // below this there is nothing to compress

Recommendation by_kind(const data::Dataset& dataset) {
  bool small = dataset.size() < kFewExamples;
  switch (dataset.kind) {
    case data::Kind::kImage:
      if (small) return {"ae-kmeans", {}, "few images: codes of a small autoencoder, then k-means on them"};
      return {"vade", {}, "images: vade learns codes and clusters together, and can draw what each cluster looks like"};
    case data::Kind::kCounts:
      if (small) return {"gmm", {}, "few count profiles: a Gaussian mixture on normalised logarithms"};
      return {"vade", {}, "counts: vade with a negative binomial likelihood, which expects their uneven totals"};
    case data::Kind::kText:
      return {
          "ae-gmm", {}, "text: codes of an autoencoder, then a Gaussian mixture that allows clusters of uneven size"};
    case data::Kind::kTable:
      break;
  }
  if (small || dataset.width() <= kFewFeatures) {
    return {"gmm", {}, "a small table: a Gaussian mixture finds round and elongated clusters and needs no training"};
  }
  return {"ae-gmm", {}, "a table of many columns: codes of an autoencoder, then a Gaussian mixture on them"};
}

/// The word as a shell takes it.
std::string quoted(const std::string& word) {
  bool plain = word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=+@%") ==
               std::string::npos;
  if (plain && !word.empty()) return word;
  std::string result = "'";
  for (char c : word)
    result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
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
    text += fmt::format(" {} {}", field.flag(), quoted(value_text(settings[field.name])));
  }
  return text;
}

}  // namespace

Recommendation recommend(const data::Dataset& dataset, int64_t clusters) {
  Recommendation recommendation = by_kind(dataset);
  recommendation.settings = Settings::object();
  if (clusters > 0) recommendation.settings["clusters"] = clusters;
  return recommendation;
}

std::string train_line(const RunConfig& config) {
  std::string line = fmt::format("cleave train {} {}", config.method, quoted(config.data.name));
  for (const auto& [name, value] : config.settings.items()) {
    line += fmt::format(" {} {}", Field{name, {}, {}, {}, {}}.flag(), quoted(value_text(value)));
  }
  line += flags(to_settings(config.data), describe_fields<DataConfig>());
  line += flags(to_settings(config.training), describe_fields<training::TrainConfig>());
  return config.seed == 0 ? line : line + fmt::format(" --seed {}", config.seed);
}

}  // namespace cleave::experiment
