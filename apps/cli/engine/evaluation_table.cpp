#include "apps/cli/engine/evaluation_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "apps/cli/engine/table.h"

namespace cleave::cli {

namespace {

std::string number(const Settings& object, const char* key, int digits = 3) {
  return object.contains(key) ? fmt::format("{:.{}f}", object[key].get<double>(), digits) : "-";
}

std::string facets(const Settings& list) {
  std::vector<std::vector<std::string>> rows;
  for (const Settings& facet : list) {
    std::vector<std::string> row = {
        fmt::format("layer {}, {} clusters", facet["layer"].get<int64_t>(), facet["k"].get<int64_t>()),
        facet["against"].get<std::string>()};
    for (const char* key : {"accuracy_hungarian", "accuracy_majority", "accuracy_simple", "nmi_arithmetic", "ari",
                            "homogeneity", "completeness"}) {
      row.push_back(number(facet, key));
    }
    rows.push_back(std::move(row));
  }
  return table({"clusters", "against", "accuracy", "majority", "simple", "NMI", "ARI", "homogeneity", "completeness"},
               rows);
}

/// Facets in rows, factors in columns.
std::string factors(const Settings& list) {
  std::vector<std::string> header = {"NMI with factors", "best"};
  for (const auto& [factor, nmi] : list.front()["nmi"].items())
    header.push_back(factor);
  std::vector<std::vector<std::string>> rows;
  for (const Settings& facet : list) {
    std::vector<std::string> row = {
        fmt::format("layer {}, {} clusters", facet["layer"].get<int64_t>(), facet["k"].get<int64_t>()),
        facet["best"].get<std::string>()};
    for (const auto& [factor, nmi] : facet["nmi"].items())
      row.push_back(fmt::format("{:.2f}", nmi.get<double>()));
    rows.push_back(std::move(row));
  }
  return table(header, rows);
}

std::string bounds(const Settings& bounds) {
  return fmt::format("log p(x) per example, nats   elbo {} +- {}   iwae {} +- {} ({} samples)\n",
                     number(bounds, "elbo", 2), number(bounds, "elbo_se", 2), number(bounds, "iwae", 2),
                     number(bounds, "iwae_se", 2), bounds["iwae_samples"].get<int64_t>());
}

std::string knn(const Settings& error) {
  std::string text = "kNN error on the codes      ";
  for (const char* k : {"3", "5", "10"}) {
    if (error.contains(k)) text += fmt::format(" k = {}: {:.2f} %  ", k, 100 * error[k].get<double>());
  }
  return text + "\n";
}

std::string disentanglement(const Settings& scores) {
  constexpr std::pair<const char*, const char*> kNames[] = {{"mig", "MIG"},
                                                            {"sap", "SAP"},
                                                            {"factorvae", "FactorVAE"},
                                                            {"dci_disentanglement", "DCI-D"},
                                                            {"dci_completeness", "DCI-C"},
                                                            {"dci_informativeness", "DCI-I"},
                                                            {"modularity", "modularity"}};
  std::string text = "factors in the code        ";
  for (const auto& [key, name] : kNames) {
    text += fmt::format(" {} {}", name, number(scores, key));
  }
  return text + "\n";
}

std::string correlations(const Settings& evaluation) {
  std::string text = "best latent of a factor    ";
  for (const auto& [factor, r] : evaluation["factor_correlation"].items()) {
    text += fmt::format(" {} z{} {:.2f}", factor, evaluation["factor_latent"][factor].get<int64_t>(), r.get<double>());
  }
  return text + "\n";
}

std::string explained(const Settings& variance) {
  constexpr size_t kShown = 8;
  std::string text = "explained variance, %      ";
  const Settings& shares = variance["shares"];
  for (size_t i = 0; i < std::min(shares.size(), kShown); ++i)
    text += fmt::format(" {:.1f}", 100 * shares[i].get<double>());
  if (shares.size() > kShown) text += " ...";
  return text + fmt::format("   {} components: {:.1f}\n", shares.size(), 100 * variance["sum"].get<double>());
}

}  // namespace

std::string evaluation_table(const Settings& evaluation) {
  std::string text;
  if (evaluation.contains("facets")) text += facets(evaluation["facets"]);
  if (evaluation.contains("facet_factors")) text += factors(evaluation["facet_factors"]);
  if (evaluation.contains("explained_variance")) text += explained(evaluation["explained_variance"]);
  if (evaluation.contains("knn_error")) text += knn(evaluation["knn_error"]);
  for (const Settings& entry : evaluation.value("silhouette", Settings::array())) {
    text += fmt::format("silhouette of layer {}        {}\n", entry["layer"].get<int64_t>(), number(entry, "value"));
  }
  if (evaluation.contains("factor_correlation")) text += correlations(evaluation);
  if (evaluation.contains("disentanglement")) text += disentanglement(evaluation["disentanglement"]);
  if (evaluation.contains("bounds")) text += bounds(evaluation["bounds"]);
  if (!text.empty()) text.pop_back();  // the last line ends where the text does
  return text;
}

}  // namespace cleave::cli
