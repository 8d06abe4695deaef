#include <fmt/format.h>

#include "cleave/report/axis.h"
#include "cleave/report/dendrogram.h"
#include "cleave/report/sections.h"

namespace cleave::report {
namespace {

constexpr int64_t kMostNames = 60;  // examples that are named one by one

/// Between the highest merge within a cluster and the lowest above; nothing where they overlap.
std::optional<double> cut_between(const model::Merges& tree, const Tensor& clusters) {
  const int64_t n = clusters.size(0);
  const Tensor pairs = tree.pairs.contiguous(), heights = tree.heights.contiguous();
  std::vector<int64_t> cluster(clusters.const_data_ptr<int64_t>(), clusters.const_data_ptr<int64_t>() + n);
  double below = 0, above = std::numeric_limits<double>::infinity();
  for (int64_t t = 0; t < n - 1; ++t) {
    int64_t a = cluster[static_cast<size_t>(pairs.const_data_ptr<int64_t>()[2 * t])];
    int64_t b = cluster[static_cast<size_t>(pairs.const_data_ptr<int64_t>()[2 * t + 1])];
    double height = heights.const_data_ptr<double>()[t];
    cluster.push_back(a == b ? a : -1);
    if (a == b && a >= 0)
      below = std::max(below, height);
    else
      above = std::min(above, height);
  }
  if (!(below < above) || !std::isfinite(above)) return std::nullopt;
  return (below + above) / 2;
}

}  // namespace

Html tree_of_merges(Findings& findings) {
  const model::Merges tree = findings.input.model.merge_tree();
  if (!tree.pairs.defined() || tree.pairs.size(0) == 0 || findings.facets.empty()) return {};
  const FacetFindings& facet = findings.facets.front();
  const int64_t n = tree.pairs.size(0) + 1;
  // The tree is of the examples of the fit: another data set, or a part of it, has no place in it.
  if (facet.assignment.size(0) != n || !findings.answers.indices.equal(at::arange(n))) return {};

  Dendrogram chart;
  chart.title = "Tree of merges";
  chart.merges = tree.pairs;
  chart.heights = tree.heights;
  chart.clusters = facet.assignment.to(at::kLong).contiguous();
  chart.colours = facet.colours;
  const auto count = static_cast<int64_t>(facet.colours.size());
  chart.cut = cut_between(tree, chart.clusters);
  chart.cut_label = fmt::format("cut: {} clusters", count);
  chart.leaves = n <= kMostNames ? n : std::max<int64_t>(chart.leaves, std::min<int64_t>(2 * count, 120));
  for (int64_t i = 0; i < n && n <= kMostNames; ++i) {
    std::string name = std::to_string(i);
    if (findings.labelled) {
      int64_t label = findings.input.dataset.labels[i].item<int64_t>();
      if (label >= 0) name += " " + findings.label_names[static_cast<size_t>(label)];
    }
    chart.names.push_back(std::move(name));
  }
  std::string leaves = n <= chart.leaves
                           ? "Each leaf is one of the " + findings.examples() + "."
                           : fmt::format(
                                 "The last {} of {} merges are drawn. A wedge stands for the {} below, as many as "
                                 "the number under it says; it reaches up to the last merge among them.",
                                 chart.leaves - 1, grouped(static_cast<double>(n - 1)), findings.examples());
  return figure(findings.keep("dendrogram", draw(chart)),
                text("How the clusters grew: each bracket joins two at the height of their distance. " + leaves +
                     " Colours and numbers are those of the clusters; the dashed line is where the tree is cut."));
}

}  // namespace cleave::report
