#include <algorithm>

#include <fmt/format.h>

#include "cleave/analysis/plane.h"
#include "cleave/report/axis.h"
#include "cleave/report/charts.h"
#include "cleave/report/colour.h"
#include "cleave/report/sections.h"

namespace cleave::report {
namespace {

constexpr int64_t kMapPoints = 4000;

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

}  // namespace

Html flat_map(Findings& findings) {
  if (findings.facets.empty() && !findings.labelled) return {};
  Tensor positions = analysis::stratified_rows(findings.answers.indices.size(0), kMapPoints);
  Tensor rows = findings.answers.indices.index_select(0, positions);
  bool coded = !findings.answers.codes.empty();
  Tensor shown = coded ? findings.answers.code().index_select(0, positions) : findings.input.view.rows(rows);
  analysis::Plane plane = analysis::principal_plane(shown);
  auto axis = [&](int64_t i, const char* name) {
    return fmt::format("{} principal axis ({} of the variance)", name, percent(plane.shares[i].item<double>()));
  };
  Scatter map{.title = "",
              .x_label = axis(0, "first"),
              .y_label = axis(1, "second"),
              .points = plane.points,
              .classes = {},
              .names = {},
              .colours = {}};

  std::string sampled = positions.size(0) < findings.answers.indices.size(0)
                            ? fmt::format("{} examples, evenly spread over the {} rows. ", grouped(kMapPoints),
                                          grouped(static_cast<double>(findings.answers.indices.size(0))))
                            : "All examples. ";
  std::vector<Html> maps;
  auto add = [&](const std::string& file, const std::string& caption) {
    map.title = caption;
    maps.push_back(figure(findings.keep(file, draw(map)), strong(caption)));
  };
  for (const FacetFindings& facet : findings.facets) {
    map.classes = facet.assignment.index_select(0, positions);
    map.names.clear();
    for (size_t k = 0; k < facet.names.size(); ++k)
      map.names.push_back(std::to_string(k));
    map.colours = facet.colours;
    add("map_by_cluster" + facet.suffix, "Coloured by cluster" + facet.suffix);
  }
  if (findings.labelled) {
    map.classes = findings.input.dataset.labels.index_select(0, rows);
    map.names = findings.label_names;
    map.colours = label_colours(findings);
    add("map_by_label", "Coloured by label");
  }
  std::string what = coded ? "The code of each example" : "The transformed features of each example";
  bool matched = findings.labelled && !findings.facets.empty();
  return figure(side_by_side(maps),
                text(what + ", projected on the two directions in which it varies most. " + sampled +
                     "Groups that overlap here may be well apart in the other dimensions. " +
                     (matched ? "A label has the colour of the cluster it is matched with. " : "") +
                     "Names in the picture stand at the median of their points; the legend counts the points shown."));
}

}  // namespace cleave::report
