#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cleave/analysis/answers.h"
#include "cleave/report/axis.h"
#include "cleave/report/charts.h"
#include "cleave/report/conventions.h"
#include "cleave/report/history.h"
#include "cleave/report/sections.h"

namespace cleave::report {
namespace {

constexpr size_t kMostLines = 12;  // more cannot be followed

LineChart chart_of(const History::Curves& curves, const std::vector<Boundary>& stages, const std::string& y_label) {
  LineChart chart;
  chart.title = y_label + " by epoch";
  chart.x_label = "epochs done";
  chart.y_label = y_label;
  chart.series = curves;
  chart.boundaries = stages;
  return chart;
}

double last_value(const Series& series) {
  return std::isfinite(series.y.back()) ? series.y.back() : -1;
}

/// All lines, or the ones that end highest where there are too many.
History::Curves largest_lines(History::Curves curves) {
  if (curves.size() <= kMostLines) return curves;
  std::stable_sort(curves.begin(), curves.end(),
                   [](const Series& a, const Series& b) { return last_value(a) > last_value(b); });
  curves.resize(kMostLines);
  return curves;
}

/// One small chart for each curve: terms differ too much in size to share an axis.
Html small_multiples(Findings& findings, const History::Curves& curves, const std::vector<Boundary>& stages,
                     const std::string& unit, const std::string& file, const std::string& x_label) {
  if (curves.empty()) return {};
  std::vector<Html> charts;
  for (const Series& series : curves) {
    LineChart chart = chart_of({series}, stages, unit.empty() ? series.name : series.name + ", " + unit);
    chart.x_label = x_label;
    chart.width = 480;
    chart.height = 210;
    chart.legend = false;
    charts.push_back(findings.keep(file + "_" + series.name, draw(chart)));
  }
  return side_by_side(charts);
}

Html terms(Findings& findings, const History& history) {
  if (history.terms.empty()) return {};
  return figure(small_multiples(findings, history.terms, history.stages, "nats", "term", "epochs done"),
                text("Terms of the objective that training minimises: means per example over each epoch, in nats, "
                     "before weighting. "
                     "Dotted lines: where a stage begins. A term that a stage does not use has no line there."));
}

Html closed_form(Findings& findings, const History& history) {
  Html content;
  for (const auto& [stage, curves] : history.iterations) {
    if (std::none_of(curves.begin(), curves.end(), [](const Series& series) { return series.x.size() > 1; })) continue;
    content += subheading("Stage " + stage) + small_multiples(findings, curves, {}, "", stage, "iterations done");
  }
  return content;
}

Html agreement(Findings& findings, const History& history, const FacetFindings& facet) {
  if (facet.facet >= history.agreement.size() || history.agreement[facet.facet].empty()) return {};
  History::Curves curves = history.agreement[facet.facet];
  for (Series& series : curves)
    series.name = metric_name(series.name);
  const Taught by = taught(findings);
  LineChart chart = chart_of(curves, history.stages, "agreement with labels" + facet.suffix);
  chart.y_low = 0;
  chart.y_high = 1;
  return figure(
      findings.keep("accuracy" + facet.suffix, draw(chart)),
      text("Agreement of the clusters with the labels after each epoch, measured on a sample and only watched: "
           "labels never steer training" +
           (by.labels ? ", but for those that it was given to learn from" : by.drawn) +
           ". Figures beside the names are the last values."));
}

Html occupancy(Findings& findings, const History& history, const FacetFindings& facet) {
  if (facet.facet >= history.occupancy.size() || history.occupancy[facet.facet].empty()) return {};
  History::Curves curves = history.occupancy[facet.facet];
  for (size_t k = 0; k < std::min(curves.size(), facet.colours.size()); ++k)
    curves[k].colour = facet.colours[k];
  LineChart chart = chart_of(largest_lines(curves), history.stages, "share of the examples" + facet.suffix);
  chart.y_low = 0;
  chart.reference = 1 / static_cast<double>(curves.size());
  std::string shown =
      curves.size() > kMostLines ? fmt::format(" The {} largest of {} are shown.", kMostLines, curves.size()) : "";
  return figure(findings.keep("occupancy_by_epoch" + facet.suffix, draw(chart)),
                text("Share of the examples in each cluster after each epoch. The dotted level is the share of equal "
                     "clusters; a line that falls to zero is a cluster that died out." +
                     shown));
}

Html information(Findings& findings, const History& history) {
  if (history.information.empty()) return {};
  LineChart chart = chart_of(largest_lines(history.information), history.stages, "information per latent, nats");
  chart.y_low = 0;
  auto active = std::count_if(history.information.begin(), history.information.end(),
                              [](const Series& series) { return last_value(series) >= analysis::kActiveNats; });
  std::string count = fmt::format("{} of {} latents carry at least {} nats at the end.", active,
                                  history.information.size(), analysis::kActiveNats);
  return figure(
      findings.keep("information_by_epoch", draw(chart)),
      text("How much each latent tells of the example: the divergence of its posterior from its prior. " + count));
}

/// The first clustering at chosen epochs.
Html by_epoch(Findings& findings, const History& history) {
  constexpr size_t kMost = 12;
  if (history.snapshots.size() < 2 || findings.facets.empty()) return {};
  const FacetFindings& facet = findings.facets[0];
  std::vector<Html> charts;
  const size_t first = history.snapshots.size() - std::min(kMost, history.snapshots.size());
  for (size_t i = first; i < history.snapshots.size(); ++i) {
    const Snapshot& snapshot = history.snapshots[i];
    Scatter chart;
    chart.title = fmt::format("After {:g} epochs", snapshot.epoch);
    chart.x_label = fmt::format("{:g} epochs", snapshot.epoch);
    chart.points = snapshot.points;
    chart.classes = snapshot.clusters.clamp_max(static_cast<int64_t>(facet.names.size()) - 1);
    chart.names = facet.names;
    chart.colours = facet.colours;
    chart.legend = false;
    chart.width = 230;
    chart.height = 230;
    charts.push_back(findings.keep(fmt::format("after_epoch_{:g}", snapshot.epoch), draw(chart)));
  }
  std::string plane = findings.input.view.width() == 2 ? "Axes are the two features."
                                                       : "Axes are the two main axes of the code at that time, which "
                                                         "may turn over from one picture to the next.";
  return figure(side_by_side(charts, /*small=*/true),
                text("How the clustering came about: some " + findings.examples() +
                     " after chosen epochs, coloured by their cluster at the time. " + plane));
}

}  // namespace

Html training_curves(Findings& findings) {
  History history = read_history(findings.input.events);
  Html content = terms(findings, history) +
                 small_multiples(findings, history.learning_rate, history.stages, "", "optimiser", "epochs done") +
                 closed_form(findings, history);
  for (const FacetFindings& facet : findings.facets)
    content += agreement(findings, history, facet);
  for (const FacetFindings& facet : findings.facets)
    content += occupancy(findings, history, facet);
  return content + information(findings, history) + by_epoch(findings, history);
}

Html training_notes(const Findings& findings) {
  Html content;
  for (const std::string& said : read_history(findings.input.events).notes)
    content += note(text(said));
  return content;
}

}  // namespace cleave::report
