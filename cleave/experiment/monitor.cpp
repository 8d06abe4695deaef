#include "cleave/experiment/monitor.h"

#include <algorithm>

#include <fmt/format.h>

#include "cleave/analysis/answers.h"
#include "cleave/analysis/plane.h"
#include "cleave/base/text.h"
#include "cleave/metrics/accuracy.h"
#include "cleave/metrics/agreement.h"

namespace cleave::experiment {

namespace {

constexpr int64_t kWatched = 5000;                        // enough for shares to within one percent
constexpr int64_t kPatience = 4;                          // epochs
constexpr double kNoInformation = analysis::kActiveNats;  // nats

std::vector<double> to_list(const Tensor& values) {
  Tensor flat = values.to(at::kDouble).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

/// Share of the examples in each of K clusters.
std::vector<double> occupancy(const Tensor& cluster, int64_t clusters) {
  Tensor counts = at::bincount(cluster.masked_select(cluster >= 0), {}, clusters);
  return to_list(counts.to(at::kDouble) / cluster.numel());
}

}  // namespace

Monitor::Monitor(const data::View& view, const Tensor& labels)
    : view_(view), indices_(analysis::stratified_rows(view.size(), kWatched)) {
  if (!labels.defined()) return;
  labels_ = labels.index_select(0, indices_);
  if (!labels_.ge(0).any().item<bool>()) labels_ = Tensor();  // none of these is known
}

Settings Monitor::measure(model::Model& model) const {
  Settings measures = Settings::object();
  analysis::Answers answers = analysis::ask(model, view_, indices_);
  std::vector<model::Facet> facets = model.facets();
  for (size_t i = 0; i < answers.responsibilities.size(); ++i) {
    Tensor cluster = answers.assignment(i);
    Settings facet = {{"layer", facets[i].layer}, {"occupancy", occupancy(cluster, facets[i].clusters)}};
    if (labels_.defined()) {
      metrics::Contingency table = metrics::cross_tabulate(cluster, labels_);
      facet["accuracy_hungarian"] = metrics::accuracy_hungarian(table);
      facet["nmi_arithmetic"] = metrics::normalised_mutual_information(table, metrics::Normalisation::kArithmetic);
    }
    measures["facets"].push_back(std::move(facet));
  }
  if (Tensor nats = analysis::mean_information(model, view_, indices_); nats.defined()) {
    measures["information"] = to_list(nats);
  }
  return measures;
}

Settings Monitor::snapshot(model::Model& model) const {
  constexpr int64_t kPictured = 500;
  if (!model.abilities().embeds || model.facets().empty()) return {};
  Tensor rows = indices_.index_select(0, analysis::evenly_spread(indices_.size(0), kPictured));
  analysis::Answers answers = analysis::ask(model, view_, rows);
  Tensor code = answers.code();
  if (!at::isfinite(code).all().item<bool>()) return {};
  Tensor points = view_.width() == 2 ? view_.rows(rows) : analysis::principal_plane(code).points;
  points = (points.to(at::kDouble) * 1e3).round() / 1e3;  // shorter in the log
  return {{"x", to_list(points.select(1, 0))},
          {"y", to_list(points.select(1, 1))},
          {"cluster", to_list(answers.assignment().to(at::kDouble))}};
}

std::vector<int64_t> CollapseWatch::count(const std::string& what, const std::vector<bool>& idle) {
  Settings& epochs = idle_[what];
  if (epochs.size() != idle.size()) epochs = std::vector<int64_t>(idle.size(), 0);
  std::vector<int64_t> reached;
  for (size_t i = 0; i < idle.size(); ++i) {
    int64_t in_a_row = idle[i] ? epochs[i].get<int64_t>() + 1 : 0;
    epochs[i] = in_a_row;
    if (in_a_row == kPatience) reached.push_back(static_cast<int64_t>(i));
  }
  return reached;
}

std::vector<std::string> CollapseWatch::observe(const Settings& measures) {
  std::vector<std::string> findings;
  auto below = [](const Settings& values, double least) {
    std::vector<bool> result;
    for (const Settings& value : values)
      result.push_back(!(value.get<double>() >= least));
    return result;
  };
  for (const Settings& facet : measures.value("facets", Settings::array())) {
    std::string layer = facet["layer"].dump();
    std::vector<std::string> empty;
    for (int64_t k : count("clusters of layer " + layer, below(facet["occupancy"], 1e-12))) {
      empty.push_back(std::to_string(k));
    }
    if (empty.empty()) continue;
    std::string where = measures["facets"].size() > 1 ? " of layer " + layer : "";
    findings.push_back(fmt::format("{} {}{} {} been empty for {} epochs", empty.size() == 1 ? "cluster" : "clusters",
                                   join(empty), where, empty.size() == 1 ? "has" : "have", kPatience));
  }
  if (measures.contains("information")) {
    const Settings& information = measures["information"];
    if (!count("latents", below(information, kNoInformation)).empty()) {
      auto idle = std::count_if(idle_["latents"].begin(), idle_["latents"].end(),
                                [](const Settings& epochs) { return epochs.get<int64_t>() >= kPatience; });
      // One latent after another falls silent in many a good fit: the next word is due when twice as many have.
      const int64_t said = idle_.value("latents said", int64_t{0});
      if (idle >= std::max<int64_t>(1, 2 * said)) {
        idle_["latents said"] = idle;
        findings.push_back(
            fmt::format("{} of {} latents carry no information (< {} nats)", idle, information.size(), kNoInformation));
      }
    }
  }
  return findings;
}

}  // namespace cleave::experiment
