#include "cleave/experiment/factors.h"

#include "cleave/analysis/answers.h"
#include "cleave/data/measured.h"
#include "cleave/metrics/agreement.h"
#include "cleave/metrics/disentanglement.h"

namespace cleave::experiment {

namespace {

constexpr int64_t kFewestOfClass = 10;  // examples, for a correlation within a class
constexpr int64_t kMostAsked = 10'000;  // examples that a mean divergence is taken over

bool known(const data::Factor& factor) {
  return at::isfinite(factor.values).all().item<bool>();
}

/// The factors that vary, in classes.
std::vector<metrics::FactorClasses> varying_factors(const data::Dataset& dataset) {
  std::vector<metrics::FactorClasses> result;
  for (const data::Factor& factor : dataset.factors) {
    if (!known(factor)) continue;
    Tensor classes =
        factor.categorical ? std::get<1>(at::_unique2(factor.values, true, true)) : metrics::classes_of(factor.values);
    if (classes.max().item<int64_t>() > 0) result.push_back({factor.name, classes});
  }
  return result;
}

/// Pearson correlation of each column of z [N, D] with v [N], 0 where either is constant: [D].
Tensor pearson(Tensor z, Tensor v) {
  z = z - z.mean(0);
  v = v - v.mean();
  Tensor scale = (z.square().sum(0) * v.square().sum()).sqrt();
  return at::where(scale.gt(0), z.t().mv(v) / scale, 0.0);
}

/// Rows of each class that has any.
std::vector<Tensor> rows_by_class(const data::Dataset& dataset) {
  std::vector<Tensor> result;
  if (!dataset.has_labels() || dataset.size() == 0) return result;
  for (int64_t k = 0; k <= dataset.labels.max().item<int64_t>(); ++k) {
    Tensor rows = dataset.labels.eq(k).nonzero().flatten();
    if (rows.size(0) > 0) result.push_back(rows);
  }
  return result;
}

bool varies(const Tensor& values) {
  return values.max().item<double>() > values.min().item<double>();
}

}  // namespace

Settings facets_against_factors(const std::vector<model::Facet>& facets, const std::vector<Assignment>& assignments,
                                const data::Dataset& dataset) {
  Settings result = Settings::array();
  const std::vector<metrics::FactorClasses> factors = varying_factors(dataset);
  for (size_t i = 0; i < facets.size() && !factors.empty(); ++i) {
    Settings entry = {{"layer", facets[i].layer}, {"k", facets[i].clusters}};
    double best = -1;
    for (const metrics::FactorClasses& factor : factors) {
      metrics::Contingency table = metrics::cross_tabulate(assignments[i].cluster, factor.classes);
      double nmi = metrics::normalised_mutual_information(table, metrics::Normalisation::kArithmetic);
      entry["nmi"][factor.name] = nmi;
      if (nmi > best) best = nmi, entry["best"] = factor.name;
    }
    result.push_back(std::move(entry));
  }
  return result;
}

void add_factor_correlations(Settings& result, const Tensor& codes, const data::Dataset& dataset) {
  const Tensor z = codes.to(at::kDouble);
  std::vector<data::Factor> factors = dataset.factors;
  for (data::Factor& measured : data::measured_factors(dataset))
    factors.push_back(std::move(measured));
  const std::vector<Tensor> classes = rows_by_class(dataset);
  for (const data::Factor& factor : factors) {
    if (factor.categorical || !known(factor) || !varies(factor.values)) continue;
    const Tensor all = pearson(z, factor.values);
    const auto best = all.abs().argmax().item<int64_t>();
    result["factor_correlation"][factor.name] = all[best].abs().item<double>();
    result["factor_latent"][factor.name] = best;
    const double sign = all[best].item<double>() < 0 ? -1 : 1;
    for (const Tensor& rows : classes) {
      const Tensor values = factor.values.index_select(0, rows);
      if (rows.size(0) < kFewestOfClass || !varies(values)) continue;
      Settings& least = result["factor_correlation_in_class"][factor.name];
      const double own = sign * pearson(z.narrow(1, best, 1).index_select(0, rows), values).item<double>();
      least = least.is_null() ? own : std::min(least.get<double>(), own);
    }
  }
}

Settings disentanglement(const Tensor& codes, const data::Dataset& dataset, const Randomness& random) {
  const std::vector<metrics::FactorClasses> factors = varying_factors(dataset);
  if (factors.empty() || codes.size(0) < 3 || !at::isfinite(codes).all().item<bool>()) return {};
  const Tensor information = metrics::mutual_information_matrix(codes, factors);
  const auto dci = metrics::disentanglement_completeness_informativeness(codes, factors, random);
  return {{"mig", metrics::mutual_information_gap(information, factors)},
          {"sap", metrics::separated_attribute_predictability(codes, factors, random)},
          {"modularity", metrics::modularity(information)},
          {"factorvae", metrics::factor_vae_score(codes, factors, random)},
          {"dci_disentanglement", dci.disentanglement},
          {"dci_completeness", dci.completeness},
          {"dci_informativeness", dci.informativeness}};
}

Settings factors_of_classes(const FinishedRun& run) {
  Settings result;
  const data::Dataset& dataset = run.dataset;
  const std::vector<Tensor> classes = rows_by_class(dataset);
  const data::View view = run.view();
  Tensor nats;  // [K, D]
  for (const data::Factor& factor : dataset.factors) {
    if (factor.categorical || !known(factor)) continue;
    std::vector<uint8_t> inside;
    for (const Tensor& rows : classes)
      inside.push_back(varies(factor.values.index_select(0, rows)) ? 1 : 0);
    const Tensor has = at::tensor(inside, at::kByte).to(at::kBool);
    if (!has.any().item<bool>() || has.all().item<bool>()) continue;
    if (!nats.defined()) {
      std::vector<Tensor> means;
      for (const Tensor& rows : classes) {
        const int64_t most = std::max<int64_t>(kMostAsked / static_cast<int64_t>(classes.size()), 1);
        const Tensor asked = rows.index_select(0, analysis::stratified_rows(rows.size(0), most));
        means.push_back(analysis::mean_information(*run.fitted.model, view, asked));
      }
      if (!means[0].defined()) return {};
      nats = at::stack(means);
    }
    const Tensor least = nats.index_select(0, has.nonzero().flatten()).amin(0);
    const Tensor most = nats.index_select(0, has.logical_not().nonzero().flatten()).amax(0);
    const auto best = (least - most).argmax().item<int64_t>();
    result[factor.name] = {{"latent", best},
                           {"least_inside", least[best].item<double>()},
                           {"most_outside", most[best].item<double>()},
                           {"gap", (least - most)[best].item<double>()}};
  }
  return result;
}

}  // namespace cleave::experiment
