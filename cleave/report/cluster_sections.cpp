#include <algorithm>

#include <fmt/format.h>

#include "cleave/analysis/contrast.h"
#include "cleave/analysis/images.h"
#include "cleave/report/axis.h"
#include "cleave/report/charts.h"
#include "cleave/report/colour.h"
#include "cleave/report/sections.h"

namespace cleave::report {
namespace {

constexpr int64_t kUncertain = 4;  // pictures per cluster; typical ones are all shown
constexpr int64_t kTopFeatures = 6;
constexpr int64_t kStripFeatures = 3;  // of each cluster, as columns of the strip

/// The clusters to show, largest first, without empty ones.
Tensor shown_clusters(const FacetFindings& facet) {
  int64_t filled = facet.gallery.sizes.gt(0).sum().item<int64_t>();
  return facet.order.narrow(0, 0, std::min(filled, kMostClusters));
}

/// "mostly 7 (93 %)"; empty without labels.
std::string common_label(const Findings& findings, const FacetFindings& facet, int64_t cluster) {
  if (!facet.counts.defined()) return "";
  Tensor row = facet.counts[cluster];
  double known = row.sum().item<double>();
  if (known == 0) return "";
  int64_t label = row.argmax().item<int64_t>();
  return fmt::format("mostly {} ({})", findings.label_names[static_cast<size_t>(label)],
                     percent(row[label].item<double>() / known));
}

Html row_label(const Findings& findings, const FacetFindings& facet, int64_t cluster) {
  std::string size =
      fmt::format("{}, {}", percent(facet.share(cluster)), grouped(facet.gallery.sizes[cluster].item<double>()));
  std::string common = common_label(findings, facet, cluster);
  Html label = strong(facet.names[static_cast<size_t>(cluster)]) + Html{"<small>"} + text(size);
  if (!common.empty()) label += Html{"<br>"} + text(common);
  return label + Html{"</small>"};
}

Html occupancy(Findings& findings, const FacetFindings& facet) {
  BarChart chart;
  chart.title = "Share of the examples in each cluster";
  chart.x_label = "cluster";
  chart.y_label = "share of the " + findings.examples() + ", %";
  for (int64_t k = 0; k < facet.gallery.sizes.size(0); ++k) {
    chart.names.push_back(std::to_string(k));
    chart.values.push_back(100 * facet.share(k));
    chart.labels.push_back(percent(facet.share(k)));
  }
  chart.colours = facet.colours;
  if (const double none = facet.share(-1); none > 0) {
    chart.names.emplace_back("none");
    chart.values.push_back(100 * none);
    chart.labels.push_back(percent(none));
    chart.colours.emplace_back(kQuietColour);
  }
  chart.reference = 100 / static_cast<double>(facet.gallery.sizes.size(0));
  return figure(findings.keep("occupancy" + facet.suffix, draw(chart)),
                text("Sizes of the clusters. The dashed line is where all would be if they were equal."));
}

Html image_gallery(Findings& findings, const FacetFindings& facet) {
  Tensor clusters = shown_clusters(facet);
  std::vector<Html> labels;
  for (int64_t i = 0; i < clusters.size(0); ++i) {
    labels.push_back(row_label(findings, facet, clusters[i].item<int64_t>()));
  }
  auto part = [&](const std::string& heading, const Tensor& rows) {
    Tensor chosen = rows.index_select(0, clusters);
    return LabelledGrid{image_grid(analysis::stored_images(findings.input.dataset, findings.rows(chosen))), heading,
                        heading + " examples, one row per cluster"};
  };
  const analysis::Gallery& gallery = facet.gallery;
  std::vector<LabelledGrid> grids = {part("most typical", gallery.typical),
                                     part("from typical to untypical", gallery.spread),
                                     part("least certain", gallery.uncertain.narrow(1, 0, kUncertain))};
  const char* names[] = {"gallery_typical", "gallery_spread", "gallery_uncertain"};
  for (size_t i = 0; i < grids.size(); ++i)
    grids[i].grid = findings.keep(names[i] + facet.suffix, grids[i].grid);
  std::string uncertain = gallery.soft ? "whose most probable cluster has the least probability"
                                       : "that lie nearly as close to another cluster's centre as to their own";
  return figure(
      labelled_grids(labels, grids),
      text("One row per cluster, the largest first. Left: the members nearest to the cluster's centre. Middle: "
           "members at equal steps of rank from the nearest to the farthest, so the row shows what the cluster "
           "really holds. Right: the members " +
           uncertain + "."));
}

/// Values of a few features for every cluster, as colours.
Html feature_strip(Findings& findings, const FacetFindings& facet, const analysis::Contrast& contrast) {
  Tensor clusters = shown_clusters(facet);
  std::vector<int64_t> columns;
  HeatMap map;
  for (int64_t i = 0; i < clusters.size(0); ++i) {
    int64_t cluster = clusters[i].item<int64_t>();
    map.row_names.push_back(facet.names[static_cast<size_t>(cluster)]);
    for (int64_t j = 0; j < std::min(kStripFeatures, contrast.top.size(1)); ++j) {
      int64_t feature = contrast.top[cluster][j].item<int64_t>();
      bool new_feature = std::find(columns.begin(), columns.end(), feature) == columns.end();
      if (columns.size() < 40 && new_feature) columns.push_back(feature);
    }
  }
  for (int64_t feature : columns) {
    map.column_names.push_back(analysis::feature_name(findings.input.dataset, feature).substr(0, 24));
  }
  map.title = "Difference of each cluster from the mean, by feature";
  map.amounts = contrast.difference.index_select(0, clusters).index_select(1, at::tensor(columns, at::kLong)) / 3;
  for (int64_t row = 0; row < map.amounts.size(0); ++row) {
    map.texts.emplace_back();
    for (int64_t column = 0; column < map.amounts.size(1); ++column) {
      map.texts.back().push_back(fmt::format("{:+.1f}", 3 * map.amounts[row][column].item<double>()));
    }
  }
  map.cell_width = columns.size() > 18 ? 22 : 40;
  map.cell_height = 20;
  map.is_signed = true;
  return figure(
      findings.keep("features" + facet.suffix, draw(map)),
      text("Mean of the cluster minus mean of all, in standard deviations of all: orange above, blue below, full "
           "colour from 3 on. Columns: the features that set the clusters apart most."));
}

Html feature_table(Findings& findings, const FacetFindings& facet, const analysis::Contrast& contrast) {
  Table content{{"cluster", "share", "size", "what sets it apart"}, {}};
  if (facet.counts.defined()) content.header.push_back("labels");
  Tensor clusters = shown_clusters(facet);
  for (int64_t i = 0; i < clusters.size(0); ++i) {
    int64_t cluster = clusters[i].item<int64_t>();
    std::string features;
    for (int64_t j = 0; j < contrast.top.size(1); ++j) {
      int64_t feature = contrast.top[cluster][j].item<int64_t>();
      features += fmt::format("{}{} {:+.1f}", j ? ",  " : "", analysis::feature_name(findings.input.dataset, feature),
                              contrast.difference[cluster][feature].item<double>());
    }
    content.rows.push_back({text(facet.names[static_cast<size_t>(cluster)]), text(percent(facet.share(cluster))),
                            text(grouped(facet.gallery.sizes[cluster].item<double>())), text(features)});
    if (facet.counts.defined()) content.rows.back().push_back(text(common_label(findings, facet, cluster)));
  }
  std::string scale = analysis::contrast_scale(findings.input.dataset.kind);
  return table(content) +
         paragraph(text("Features with the largest difference between the cluster's mean and the mean of "
                        "all, in standard deviations of all (" +
                        scale + ")."));
}

}  // namespace

Html clusters_at_a_glance(Findings& findings, const FacetFindings& facet) {
  int64_t filled = facet.gallery.sizes.gt(0).sum().item<int64_t>();
  if (filled == 0) return paragraph(text("No example belongs to any cluster."));
  Html content;
  if (findings.images) {
    content = image_gallery(findings, facet);
  } else {
    analysis::Contrast contrast = analysis::contrast(findings.input.dataset, findings.answers.indices, facet.assignment,
                                                     facet.gallery.sizes.size(0), kTopFeatures);
    content = feature_table(findings, facet, contrast) + feature_strip(findings, facet, contrast);
  }
  if (filled > kMostClusters) {
    content += paragraph(text(fmt::format("The {} largest of {} clusters are shown.", kMostClusters, filled)));
  }
  return content + occupancy(findings, facet);
}

Html confusion(Findings& findings, const FacetFindings& facet) {
  if (!facet.counts.defined()) return {};
  int64_t clusters = facet.counts.size(0), labels = facet.counts.size(1);
  // Matched clusters come in the order of their labels, so that agreement lies on the diagonal; the rest by size.
  std::vector<int64_t> order;
  for (int64_t label = 0; label < labels; ++label) {
    for (int64_t k = 0; k < clusters; ++k) {
      if (facet.matched[k].item<int64_t>() == label) order.push_back(k);
    }
  }
  for (int64_t i = 0; i < clusters; ++i) {
    int64_t k = facet.order[i].item<int64_t>();
    if (facet.matched[k].item<int64_t>() < 0) order.push_back(k);
  }
  if (static_cast<int64_t>(order.size()) > 100) order.resize(100);

  HeatMap map;
  map.title = "Clusters against labels";
  map.x_label = "label";
  map.column_names = findings.label_names;
  Tensor counts = facet.counts.index_select(0, at::tensor(order, at::kLong));
  Tensor of_all = findings.input.dataset.labels.index_select(0, findings.answers.indices);  // noise included
  map.amounts = counts / of_all.masked_select(of_all.ge(0)).bincount({}, labels).clamp_min(1);
  for (size_t row = 0; row < order.size(); ++row) {
    map.row_names.push_back(facet.names[static_cast<size_t>(order[row])]);
    map.texts.emplace_back();
    for (int64_t label = 0; label < labels; ++label) {
      map.texts.back().push_back(grouped(counts[static_cast<int64_t>(row)][label].item<double>()));
    }
  }
  map.cell_width = labels <= 15 ? 56 : std::max(14.0, 840 / static_cast<double>(labels));
  map.cell_height = order.size() <= 30 ? 26 : 14;
  return figure(
      findings.keep("confusion" + facet.suffix, draw(map)),
      text("How many examples of each label (columns) lie in each cluster (rows). Each cluster is matched with at "
           "most one label so that as many examples as possible agree; matched clusters stand in the order of "
           "their labels, so agreement is the diagonal. Colour: share of the label's examples."));
}

}  // namespace cleave::report
