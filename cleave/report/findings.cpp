#include "cleave/report/findings.h"

#include <algorithm>

#include <fmt/format.h>

#include "cleave/analysis/images.h"
#include "cleave/metrics/assignment.h"
#include "cleave/report/colour.h"

namespace cleave::report {
namespace {

constexpr int64_t kGalleryExamples = 5;  // per cluster and column of the gallery

std::vector<std::string> names_of_labels(const data::Dataset& dataset) {
  std::vector<std::string> names = dataset.label_names;
  int64_t count = dataset.has_labels() ? dataset.labels.max().item<int64_t>() + 1 : 0;
  for (int64_t label = static_cast<int64_t>(names.size()); label < count; ++label)
    names.push_back(std::to_string(label));
  return names;
}

/// How often each cluster meets each label, [K, L]; examples without cluster or label are left out.
Tensor contingency(const Tensor& assignment, const Tensor& labels, int64_t clusters, int64_t label_count) {
  Tensor known = assignment.ge(0).logical_and(labels.ge(0));
  Tensor cells = assignment.index({known}) * label_count + labels.index({known});
  return at::bincount(cells, {}, clusters * label_count).view({clusters, label_count});
}

/// The label matched with each cluster so that most examples agree, [K]; -1 where nothing is left or nothing agrees.
Tensor matching(const Tensor& counts) {
  Tensor label = at::tensor(metrics::best_assignment(counts), at::kLong);
  Tensor agreeing = counts.gather(1, label.clamp_min(0).unsqueeze(1)).squeeze(1);
  return label.masked_fill(agreeing.eq(0), -1);
}

/// A name that any file system takes: "samples (layer 2)" -> "samples_layer_2".
std::string file_name(const std::string& name) {
  std::string safe;
  for (char c : name) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain)
      safe += c;
    else if (c >= 'A' && c <= 'Z')
      safe += static_cast<char>(c - 'A' + 'a');
    else if (!safe.empty() && safe.back() != '_')
      safe += '_';
  }
  if (safe.ends_with('_')) safe.pop_back();
  return safe.substr(0, 80);
}

FacetFindings find(const Findings& findings, size_t facet) {
  FacetFindings found;
  found.facet = facet;
  const Tensor& responsibilities = findings.answers.responsibilities[facet];
  int64_t clusters = responsibilities.size(1);
  if (findings.answers.responsibilities.size() > 1) {
    found.suffix = fmt::format(" (layer {})", findings.input.model.facets()[facet].layer);
  }
  found.assignment = findings.answers.assignment(facet);
  found.gallery =
      analysis::gallery(responsibilities, found.assignment, representation(findings, facet), kGalleryExamples);
  found.order = analysis::by_size(found.gallery.sizes);
  found.colours = categorical_colours(clusters);
  for (int64_t k = 0; k < clusters; ++k)
    found.names.push_back(fmt::format("cluster {}", k));
  if (!findings.labelled) return found;
  Tensor labels = findings.input.dataset.labels.index_select(0, findings.answers.indices);
  found.counts = contingency(found.assignment, labels, clusters, static_cast<int64_t>(findings.label_names.size()));
  found.matched = matching(found.counts);
  return found;
}

}  // namespace

double FacetFindings::share(int64_t cluster) const {
  return assignment.eq(cluster).to(at::kDouble).mean().item<double>();
}

Findings::Findings(const ReportInput& report_input)
    : input(report_input),
      random(Randomness(report_input.seed).child("report")),
      images(analysis::shows_images(report_input.dataset)),
      labelled(report_input.dataset.has_labels() && report_input.dataset.labels.ge(0).any().item<bool>()),
      label_names(labelled ? names_of_labels(report_input.dataset) : std::vector<std::string>{}),
      answers(analysis::ask(report_input.model, report_input.view)) {
  for (size_t facet = 0; facet < answers.responsibilities.size(); ++facet)
    facets.push_back(find(*this, facet));
}

Tensor Findings::rows(const Tensor& positions) const {
  Tensor flat = positions.flatten();
  Tensor found = answers.indices.index_select(0, flat.clamp_min(0)).masked_fill(flat.lt(0), -1);
  return found.reshape(positions.sizes());
}

Html Findings::keep(const std::string& name, const std::string& svg) {
  figures.push_back({file_name(name) + ".svg", svg});
  return drawing(svg);
}

ImageGrid Findings::keep(const std::string& name, ImageGrid grid) {
  figures.push_back({file_name(name) + ".png", grid.png});
  return grid;
}

std::string Findings::examples() const {
  switch (input.dataset.kind) {
    case data::Kind::kImage:
      return "images";
    case data::Kind::kText:
      return "documents";
    default:
      return "examples";
  }
}

Taught taught(const Findings& findings) {
  const Settings& config = findings.input.config;
  const Settings data = config.is_object() ? config.value("data", Settings::object()) : Settings::object();
  const std::string labels = data.value("labels", "");
  Taught by;
  std::error_code gone;  // then they count as labels, which is the graver of the two
  if (labels != "own" && std::filesystem::is_directory(labels, gone)) by.clusters = labels;
  by.labels = !labels.empty() && by.clusters.empty();
  if (data.value("artificial", "") != "") by.drawn = " (the run that drew its examples may have learned from some)";
  return by;
}

analysis::Representation representation(const Findings& findings, size_t facet) {
  const analysis::Answers& answers = findings.answers;
  if (answers.codes.empty()) {
    return
        [&](const Tensor& positions) { return findings.input.view.rows(answers.indices.index_select(0, positions)); };
  }
  auto layer = static_cast<size_t>(findings.input.model.facets()[facet].layer);
  return [&, layer](const Tensor& positions) { return answers.codes.at(layer).index_select(0, positions); };
}

bool decodes_images(const Findings& findings) {
  const model::Abilities& abilities = findings.input.model.abilities();
  return findings.images && abilities.decodes && abilities.embeds;
}

ImageGrid decoded_grid(Findings& findings, const std::string& name, const Tensor& x) {
  return findings.keep(name, image_grid(analysis::decoded_images(findings.input.dataset, findings.input.view, x)));
}

Tensor most_typical(const FacetFindings& facet, int64_t count) {
  int64_t filled = facet.gallery.sizes.gt(0).sum().item<int64_t>();
  return facet.gallery.typical.select(1, 0).index_select(0, facet.order.narrow(0, 0, std::min(count, filled)));
}

Tensor asked_positions(const Findings& findings) {
  constexpr int64_t kAsked = 5000;
  return analysis::stratified_rows(findings.answers.indices.size(0), kAsked);
}

Tensor mean_information(Findings& findings) {
  if (!findings.nats) {
    Tensor rows = findings.rows(asked_positions(findings));
    findings.nats = analysis::mean_information(findings.input.model, findings.input.view, rows);
  }
  return *findings.nats;
}

Tensor examples_at(const Findings& findings, const Tensor& positions) {
  return findings.input.view.rows(findings.rows(positions));
}

}  // namespace cleave::report
