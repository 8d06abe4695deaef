#include <algorithm>

#include <fmt/format.h>

#include "cleave/analysis/plane.h"
#include "cleave/report/axis.h"
#include "cleave/report/charts.h"
#include "cleave/report/colour.h"
#include "cleave/report/explorable_map.h"
#include "cleave/report/sections.h"

namespace cleave::report {
namespace {

constexpr int64_t kPrintedPoints = 4000;  // of the map as a file: an SVG of all would be slow to open
constexpr int64_t kWideRows = 20000;      // of features without a code

/// Colours of labels: that of the matched cluster, so that agreement shows as equal colours in both maps.
std::vector<std::string> label_colours(const Findings& findings) {
  size_t labels = findings.label_names.size();
  if (findings.facets.empty()) return categorical_colours(static_cast<int64_t>(labels));
  const FacetFindings& facet = findings.facets[0];
  std::vector<std::string> colours(labels);
  for (int64_t k = 0; k < facet.matched.size(0); ++k) {
    int64_t label = facet.matched[k].item<int64_t>();
    if (label >= 0) colours[static_cast<size_t>(label)] = facet.colours[static_cast<size_t>(k)];
  }
  std::vector<std::string> others = categorical_colours(static_cast<int64_t>(labels + facet.colours.size()));
  for (size_t label = 0; label < labels; ++label) {
    if (colours[label].empty()) colours[label] = others[facet.colours.size() + label];
  }
  return colours;
}

/// A map and how to read it.
struct Shown {
  Tensor positions;  ///< [M] int64, which of the answers are shown
  Tensor points;     ///< [M, 2]
  std::string how;
};

std::string neighbour_map_reading(const std::string& method, const Settings& settings) {
  std::string kept = settings.contains("perplexity")
                         ? fmt::format("about {:g} of them (the perplexity)", settings["perplexity"].get<double>())
                     : settings.contains("neighbours")
                         ? fmt::format("{} of them", settings["neighbours"].get<int64_t>())
                         : "a few of them";
  return fmt::format(
      "Drawn by {}, which tries to keep beside every example those that are nearest to it: {}. So who stands beside "
      "whom means something. How far apart two groups lie, how large and how dense they are drawn, and the axes mean "
      "next to nothing; another seed draws the same neighbours in other places, and a single group may be torn in two.",
      method, kept);
}

Shown shown(const Findings& findings) {
  const ReportInput& input = findings.input;
  const int64_t size = findings.answers.indices.size(0);
  if (input.map) {
    return {at::arange(size), input.map->points, neighbour_map_reading(input.map->method, input.map->settings)};
  }
  const bool coded = input.model.abilities().independent_code();
  const Tensor positions = coded ? at::arange(size) : analysis::stratified_rows(size, kWideRows);
  const Tensor points =
      coded ? findings.answers.code() : input.view.rows(findings.answers.indices.index_select(0, positions));
  if (points.size(1) == 2) {
    const bool drawn = coded && (input.method.name.ends_with("sne") || input.method.name == "umap");
    return {positions, points,
            drawn   ? neighbour_map_reading(input.method.title, input.config)
            : coded ? "The method's own two-dimensional code."
                    : "The two features, transformed as the method saw them."};
  }
  const analysis::Plane plane = analysis::principal_plane(points);
  return {positions, plane.points,
          fmt::format("{}, projected on the two directions in which it varies most ({} and {} of the variance). Groups "
                      "that overlap here may be well apart in the other dimensions.",
                      coded ? "The code of each example" : "The transformed features of each example",
                      percent(plane.shares[0].item<double>()), percent(plane.shares[1].item<double>()))};
}

/// The map as a file, of a sample of its points.
void keep_printed(Findings& findings, const ExplorableMap& map, const Colouring& colouring, const std::string& name) {
  Tensor sample = analysis::stratified_rows(map.points.size(0), kPrintedPoints);
  findings.keep(name, draw(Scatter{.title = map.title + ", by " + colouring.name,
                                   .x_label = "",
                                   .y_label = "",
                                   .points = map.points.index_select(0, sample),
                                   .classes = colouring.classes.index_select(0, sample),
                                   .names = colouring.names,
                                   .colours = colouring.colours,
                                   .counts = sample.size(0) == findings.answers.indices.size(0)}));
}

}  // namespace

Html flat_map(Findings& findings) {
  if (findings.answers.codes.empty() && findings.facets.empty() && !findings.labelled) return {};
  Shown what = shown(findings);
  ExplorableMap map{.title = "Map of the " + findings.examples(),
                    .points = what.points,
                    .rows = findings.answers.indices.index_select(0, what.positions),
                    .colourings = {}};
  for (const FacetFindings& facet : findings.facets) {
    Colouring colouring{"cluster" + facet.suffix, facet.assignment.index_select(0, what.positions), {}, facet.colours};
    for (size_t k = 0; k < facet.names.size(); ++k)
      colouring.names.push_back(std::to_string(k));
    keep_printed(findings, map, colouring, "map_by_cluster" + facet.suffix);
    map.colourings.push_back(std::move(colouring));
  }
  if (findings.labelled) {
    Colouring colouring{"label", findings.input.dataset.labels.index_select(0, map.rows), findings.label_names,
                        label_colours(findings)};
    keep_printed(findings, map, colouring, "map_by_label");
    map.colourings.push_back(std::move(colouring));
  }
  if (map.colourings.empty()) keep_printed(findings, map, {"nothing", at::full_like(map.rows, -1), {}, {}}, "map");
  if (findings.images) map.thumbnails = thumbnails(findings.input.dataset, map.rows);

  bool all = what.positions.size(0) == findings.answers.indices.size(0);
  bool matched = findings.labelled && !findings.facets.empty();
  std::string count = grouped(static_cast<double>(what.positions.size(0)));
  return figure(explorable(map),
                text(fmt::format("{} {}{}. {}{} Wheel or two fingers zoom, dragging moves, a double click goes back; "
                                 "point at an example to see it, click a name to single it out.",
                                 count, findings.examples(), all ? "" : ", evenly spread over the rows", what.how,
                                 matched ? " A label has the colour of the cluster it is matched with." : "")));
}

}  // namespace cleave::report
