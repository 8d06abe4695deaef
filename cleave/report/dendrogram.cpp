#include "cleave/report/dendrogram.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "cleave/base/error.h"
#include "cleave/report/axis.h"
#include "cleave/report/colour.h"
#include "cleave/report/svg.h"

namespace cleave::report {
namespace {

constexpr double kTreeLeft = 62, kTreeRight = 12, kTreeTop = 26, kBar = 5, kLine = 15;
constexpr double kLeafCharacter = 6.6;  // width of one at the size of leaf labels
constexpr size_t kLongestName = 16;     // characters of a leaf's name
constexpr int64_t kMixed = -1;          // examples of several clusters, or of none
constexpr const char* kTrunk = "currentColor";

/// A cluster of the tree as it is drawn.
struct Node {
  int64_t left = -1, right = -1;  // nodes; -1: a leaf of the drawing
  int64_t size = 1;
  int64_t cluster = kMixed;
  int64_t example = -1;  // where the leaf is one
  double height = 0, x = 0;
};

class Drawing {
 public:
  explicit Drawing(const Dendrogram& of)
      : of_(of),
        n_(of.heights.size(0) + 1),
        merges_(of.merges.contiguous()),
        heights_(of.heights.to(at::kDouble).contiguous()) {
    count_examples();
    // The last merges, down to as many leaves as there is room for.
    first_drawn_ = std::max(n_, 2 * n_ - std::max<int64_t>(of.leaves, 2));
    root_ = add(2 * n_ - 2);
    whole_ = static_cast<int64_t>(leaves_.size()) == n_;
    colours_ = of.colours;
    int64_t clusters = std::max<int64_t>(of.clusters.max().item<int64_t>() + 1, 0);
    if (static_cast<int64_t>(colours_.size()) < clusters) colours_ = categorical_colours(clusters);
  }

  std::string operator()() {
    const auto room = (of_.width - kTreeLeft - kTreeRight) / static_cast<double>(leaves_.size());
    std::vector<std::string> labels;
    size_t longest = 0;
    for (int64_t leaf : leaves_) {
      labels.push_back(label(node(leaf)));
      longest = std::max(longest, length(labels.back()));
    }
    const bool upright = static_cast<double>(longest) * kLeafCharacter > room;
    const double label_height = longest == 0 ? 0
                                : upright    ? static_cast<double>(longest) * kLeafCharacter + 11
                                             : kLine + 3;
    const double ground = of_.height - label_height - kBar - kLine - 8;

    double highest = heights_.max().item<double>();
    Scale up{0, highest > 0 ? 1.03 * highest : 1, ground, kTreeTop};
    for (size_t i = 0; i < leaves_.size(); ++i)
      node(leaves_[i]).x = kTreeLeft + room * (static_cast<double>(i) + 0.5);
    place(root_);

    Svg svg(of_.width, of_.height, of_.title);
    axis(svg, up);
    wedges(svg, up, room);
    brackets(svg, up);
    for (size_t i = 0; i < leaves_.size(); ++i) {
      double x = node(leaves_[i]).x;
      if (upright)
        svg.text(x + 4, ground + 8, labels[i],
                 fmt::format("text-anchor=\"end\" font-size=\"11\" transform=\"rotate(-90 {} {})\"", coordinate(x + 4),
                             coordinate(ground + 8)));
      else
        svg.text(x, ground + kLine, labels[i], "text-anchor=\"middle\" font-size=\"11\"");
    }
    bars(svg, ground + label_height + 4, room);
    if (of_.cut) cut(svg, up);
    return svg.finish();
  }

 private:
  Node& node(int64_t i) { return nodes_[static_cast<size_t>(i)]; }

  /// Sizes and common clusters of everything, drawn or not.
  void count_examples() {
    sizes_.assign(static_cast<size_t>(2 * n_ - 1), 1);
    clusters_.assign(static_cast<size_t>(2 * n_ - 1), kMixed);
    const Tensor clusters = of_.clusters.to(at::kLong).contiguous();
    std::copy_n(clusters.const_data_ptr<int64_t>(), n_, clusters_.begin());
    for (int64_t t = 0; t < n_ - 1; ++t) {
      auto a = static_cast<size_t>(part(t, 0)), b = static_cast<size_t>(part(t, 1)), made = static_cast<size_t>(n_ + t);
      require<ArgumentError>(a < made && b < made, "[dendrogram] merge {} joins what comes after it", t);
      sizes_[made] = sizes_[a] + sizes_[b];
      clusters_[made] = clusters_[a] == clusters_[b] ? clusters_[a] : kMixed;
    }
  }

  int64_t part(int64_t merge, int side) const { return merges_.const_data_ptr<int64_t>()[2 * merge + side]; }

  /// Adds what is drawn of a cluster of the tree, leaves from left to right: the smaller part first, so that a tree of
  /// single examples that join one by one falls like stairs. Depth is bounded by the number of leaves.
  int64_t add(int64_t cluster) {
    auto number = static_cast<int64_t>(nodes_.size());
    nodes_.emplace_back();
    node(number).size = sizes_[static_cast<size_t>(cluster)];
    node(number).cluster = std::max(clusters_[static_cast<size_t>(cluster)], kMixed);
    if (cluster >= n_) node(number).height = heights_.const_data_ptr<double>()[cluster - n_];
    if (cluster < n_) node(number).example = cluster;
    if (cluster < first_drawn_) {
      leaves_.push_back(number);
      return number;
    }
    int64_t first = part(cluster - n_, 0), second = part(cluster - n_, 1);
    if (sizes_[static_cast<size_t>(first)] > sizes_[static_cast<size_t>(second)]) std::swap(first, second);
    int64_t left = add(first);
    int64_t right = add(second);
    node(number).left = left;
    node(number).right = right;
    return number;
  }

  void place(int64_t number) {
    Node& here = node(number);
    if (here.left < 0) return;
    place(here.left);
    place(here.right);
    here.x = (node(here.left).x + node(here.right).x) / 2;
  }

  std::string label(const Node& leaf) const {
    if (!whole_) return grouped(static_cast<double>(leaf.size));
    if (of_.names.empty()) return "";
    const std::string& name = of_.names[static_cast<size_t>(leaf.example)];
    if (length(name) <= kLongestName) return name;
    size_t end = 0;
    for (size_t characters = 0; end < name.size(); ++end)
      if (!continues(name[end]) && ++characters == kLongestName) break;
    return fmt::format("{}\u2026", name.substr(0, end));
  }

  /// Whether a byte goes on with the character before it (UTF-8).
  static bool continues(char byte) { return (byte & 0xC0) == 0x80; }

  /// Characters, not bytes.
  static size_t length(const std::string& text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
  }

  std::string colour(const Node& of) const {
    return of.cluster == kMixed ? kTrunk : colours_[static_cast<size_t>(of.cluster)];
  }

  void axis(Svg& svg, const Scale& up) const {
    svg.text(4, 12, of_.y_label, "opacity=\".75\"");
    std::vector<double> levels = ticks(0, up.high, 5);
    std::vector<std::string> names = tick_labels(levels);
    for (size_t i = 0; i < levels.size(); ++i) {
      svg.line(kTreeLeft, up(levels[i]), of_.width - kTreeRight, up(levels[i]), i == 0 ? kAxisStyle : kGridStyle);
      svg.text(kTreeLeft - 7, up(levels[i]) + 4, names[i], "text-anchor=\"end\"");
    }
  }

  void wedges(Svg& svg, const Scale& up, double room) {
    int64_t largest = 1;
    for (int64_t leaf : leaves_)
      largest = std::max(largest, node(leaf).size);
    for (int64_t number : leaves_) {
      const Node& leaf = node(number);
      if (leaf.size == 1) continue;
      double share = std::sqrt(static_cast<double>(leaf.size) / static_cast<double>(largest));
      double half = std::max(1.5, 0.46 * room * share);
      svg.path(fmt::format("M{} {}L{} {}H{}Z", coordinate(leaf.x), coordinate(up(leaf.height)),
                           coordinate(leaf.x - half), coordinate(up(0)), coordinate(leaf.x + half)),
               fmt::format("fill=\"{}\" fill-opacity=\".28\" stroke=\"{}\" stroke-opacity=\".8\"", colour(leaf),
                           colour(leaf)),
               fmt::format("{} examples, merged up to height {}", grouped(static_cast<double>(leaf.size)),
                           brief_number(leaf.height)));
    }
  }

  /// One path per colour.
  void brackets(Svg& svg, const Scale& up) {
    std::map<int64_t, std::string> paths;  // mixed ones first, below the coloured ones
    for (const Node& here : nodes_) {
      if (here.left < 0) continue;
      const Node &left = node(here.left), &right = node(here.right);
      paths[here.cluster] +=
          fmt::format("M{} {}V{}H{}V{}", coordinate(left.x), coordinate(up(left.height)), coordinate(up(here.height)),
                      coordinate(right.x), coordinate(up(right.height)));
    }
    for (const auto& [cluster, path] : paths) {
      Node any;
      any.cluster = cluster;
      svg.path(path,
               fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"{}", colour(any),
                           cluster == kMixed ? "1.3" : "1.8", cluster == kMixed ? " stroke-opacity=\".7\"" : ""));
    }
  }

  /// A bar under each run of leaves of one cluster, with its number.
  void bars(Svg& svg, double y, double room) {
    double written = 0;
    for (size_t begin = 0; begin < leaves_.size();) {
      size_t end = begin + 1;
      const Node& first = node(leaves_[begin]);
      while (end < leaves_.size() && node(leaves_[end]).cluster == first.cluster)
        ++end;
      if (first.cluster != kMixed) {
        double from = first.x - room / 2, to = node(leaves_[end - 1]).x + room / 2, gap = std::min(1.5, 0.1 * room);
        std::string name = std::to_string(first.cluster);
        double middle = (from + to) / 2, half = static_cast<double>(name.size()) * kLeafCharacter / 2 + 1;
        svg.rectangle(from + gap, y, to - from - 2 * gap, kBar, fmt::format("fill=\"{}\" rx=\"1.5\"", colour(first)),
                      "cluster " + name);
        if (middle - half >= written) {
          svg.text(middle, y + kBar + kLine - 2, name, "text-anchor=\"middle\" font-size=\"11\" font-weight=\"600\"");
          written = middle + half;
        }
      }
      begin = end;
    }
  }

  void cut(Svg& svg, const Scale& up) const {
    if (*of_.cut < 0 || *of_.cut > up.high) return;
    constexpr const char* style = "stroke=\"currentColor\" stroke-opacity=\".65\" stroke-dasharray=\"6 4\"";
    svg.line(kTreeLeft, up(*of_.cut), of_.width - kTreeRight, up(*of_.cut), style);
    // Its name stands apart, where no bracket crosses it.
    double name = of_.width - kTreeRight - static_cast<double>(length(of_.cut_label)) * kLeafCharacter;
    svg.line(name - 34, 8, name - 8, 8, style);
    svg.text(name, 12, of_.cut_label, "opacity=\".75\"");
  }

  const Dendrogram& of_;
  int64_t n_;
  Tensor merges_, heights_;
  std::vector<int64_t> sizes_, clusters_;  // of all clusters of the tree
  int64_t first_drawn_ = 0, root_ = 0;
  bool whole_ = false;  // every example is a leaf of the drawing
  std::vector<Node> nodes_;
  std::vector<int64_t> leaves_;  // from left to right
  std::vector<std::string> colours_;
};

}  // namespace

std::string draw(const Dendrogram& of) {
  const int64_t merges = of.heights.defined() ? of.heights.size(0) : 0;
  require<ArgumentError>(merges > 0 && of.merges.dim() == 2 && of.merges.size(0) == merges && of.merges.size(1) == 2 &&
                             of.clusters.dim() == 1 && of.clusters.size(0) == merges + 1,
                         "[dendrogram] N - 1 merges, as many heights and N clusters are needed, with N >= 2");
  require<ArgumentError>(of.names.empty() || static_cast<int64_t>(of.names.size()) == merges + 1,
                         "[dendrogram] {} examples need as many names", merges + 1);
  return Drawing(of)();
}

}  // namespace cleave::report
