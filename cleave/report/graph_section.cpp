#include <map>

#include <fmt/format.h>

#include "cleave/analysis/plane.h"
#include "cleave/report/axis.h"
#include "cleave/report/clique_figure.h"
#include "cleave/report/colour.h"
#include "cleave/report/sections.h"

namespace cleave::report {
namespace {

constexpr int64_t kMostNodes = 300;  // more run into each other
constexpr size_t kLargestPanel = 5;  // cliques of so many members and more share a panel

}  // namespace

/// The graph of a method that keeps it: its buffers "edges" [M, 2], "membership_offsets" [N + 1] and "memberships",
/// the clusters of each example of the fit one after the other. Cliques get one panel for each size.
Html neighbour_graph(Findings& findings) {
  auto buffers = findings.input.model.named_buffers();
  const Tensor *edges = buffers.find("edges"), *offsets = buffers.find("membership_offsets"),
               *memberships = buffers.find("memberships");
  if (edges == nullptr || offsets == nullptr || memberships == nullptr || edges->size(0) == 0) return {};
  const int64_t n = offsets->size(0) - 1;
  if (n > kMostNodes || n != findings.input.dataset.size()) return {};
  Tensor rows = findings.input.view.all();
  analysis::Plane plane = analysis::principal_plane(rows);
  // Data of two dimensions are shown as they are.
  Tensor points = rows.size(1) == 2 ? rows : plane.points;

  std::map<int64_t, std::vector<int64_t>> members;  // of each cluster
  bool overlapping = false;
  for (int64_t i = 0; i < n; ++i) {
    int64_t first = (*offsets)[i].item<int64_t>(), last = (*offsets)[i + 1].item<int64_t>();
    overlapping |= last - first > 1;
    for (int64_t m = first; m < last; ++m)
      members[(*memberships)[m].item<int64_t>()].push_back(i);
  }
  const bool cliques = overlapping || findings.input.config.value("communities", "") == "cliques";
  std::map<size_t, std::vector<std::vector<int64_t>>> panels;  // by the size of the groups; 0: all
  for (auto& [cluster, group] : members)
    panels[cliques ? std::min(group.size(), kLargestPanel) : 0].push_back(std::move(group));

  std::vector<Html> pictures;
  for (const auto& [size, groups] : panels) {
    std::string caption = cliques ? fmt::format("Cliques with {} members{} ({})", size,
                                                size == kLargestPanel ? " or more" : "", groups.size())
                                  : fmt::format("Communities ({})", groups.size());
    CliqueFigure drawing{
        .title = caption, .points = points, .edges = *edges, .groups = groups, .colours = {}, .shaded = cliques};
    if (!cliques && !findings.facets.empty() && findings.facets[0].colours.size() == groups.size())
      drawing.colours = findings.facets[0].colours;
    std::string file = cliques ? fmt::format("cliques_{}", size) : "graph";
    pictures.push_back(figure(findings.keep(file, draw(drawing)), strong(caption)));
  }
  if (pictures.empty()) return {};
  std::string shown = rows.size(1) == 2 ? "The examples where they lie"
                                        : "The examples, projected on the two directions in which they vary most";
  std::string how = cliques ? " Each clique has its colour: a group of examples that are all joined to each other, and "
                              "to which no other can be added. An example with several colours belongs to several "
                              "cliques; a grey one to none of this size."
                            : " Each example has the colour of its community; a grey one belongs to none.";
  return figure(side_by_side(pictures), text(shown + ", with the edges of their graph." + how));
}

}  // namespace cleave::report
