#include "cleave/report/clique_figure.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "cleave/base/error.h"
#include "cleave/report/axis.h"
#include "cleave/report/colour.h"
#include "cleave/report/svg.h"

namespace cleave::report {
namespace {

constexpr double kMargin = 18;

struct Point {
  double x = 0, y = 0;
  bool finite = true;
};

/// Where the nodes stand on the page, one unit being as long across as up.
std::vector<Point> placed(const CliqueFigure& figure, const Tensor& points) {
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  const auto* at = points.const_data_ptr<double>();
  std::vector<Point> result(static_cast<size_t>(points.size(0)));
  for (size_t i = 0; i < result.size(); ++i) {
    result[i] = {at[2 * i], at[2 * i + 1]};
    result[i].finite = std::isfinite(result[i].x) && std::isfinite(result[i].y);
    if (!result[i].finite) continue;
    for (size_t axis : {0, 1}) {
      low[axis] = std::min(low[axis], at[2 * i + axis]);
      high[axis] = std::max(high[axis], at[2 * i + axis]);
    }
  }
  double unit = std::min((figure.width - 2 * kMargin) / std::max(high[0] - low[0], 1e-12),
                         (figure.height - 2 * kMargin) / std::max(high[1] - low[1], 1e-12));
  for (Point& point : result) {
    if (!point.finite) continue;
    point.x = figure.width / 2 + unit * (point.x - (low[0] + high[0]) / 2);
    point.y = figure.height / 2 - unit * (point.y - (low[1] + high[1]) / 2);
  }
  return result;
}

/// Corners of the convex hull, in order (Andrew's monotone chain).
std::vector<Point> hull(std::vector<Point> points) {
  std::sort(points.begin(), points.end(), [](Point a, Point b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
  auto left = [](Point a, Point b, Point c) { return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) > 0; };
  std::vector<Point> corners;
  for (int side : {0, 1}) {
    size_t first = corners.size();
    for (Point point : points) {
      while (corners.size() >= first + 2 && !left(corners[corners.size() - 2], corners.back(), point))
        corners.pop_back();
      corners.push_back(point);
    }
    corners.pop_back();  // it begins the other side
    if (side == 0) std::reverse(points.begin(), points.end());
  }
  return corners.empty() ? std::vector<Point>{points.front()} : corners;
}

/// The slice from `share` `from` to `to` of a disc.
std::string slice(Point centre, double radius, double from, double to) {
  auto rim = [&](double share) {
    double angle = 2 * std::numbers::pi * (share - 0.25);
    return coordinate(centre.x + radius * std::cos(angle)) + " " + coordinate(centre.y + radius * std::sin(angle));
  };
  std::string r = coordinate(radius);
  return fmt::format("M{} {}L{}A{} {} 0 {} 1 {}Z", coordinate(centre.x), coordinate(centre.y), rim(from), r, r,
                     to - from > 0.5 ? 1 : 0, rim(to));
}

void check(const CliqueFigure& figure, const Tensor& points, const Tensor& edges) {
  const int64_t n = points.size(0);
  require<ArgumentError>(points.dim() == 2 && points.size(1) == 2 && edges.dim() == 2 && edges.size(1) == 2,
                         "[clique figure] points must be [N, 2] and edges [M, 2]");
  bool rows = edges.size(0) == 0 || (edges.min().item<int64_t>() >= 0 && edges.max().item<int64_t>() < n);
  for (const auto& group : figure.groups) {
    for (int64_t member : group)
      rows = rows && member >= 0 && member < n;
  }
  require<ArgumentError>(rows, "[clique figure] an edge or a group names a point that is none of {}", n);
  require<ArgumentError>(figure.colours.empty() || figure.colours.size() == figure.groups.size(),
                         "[clique figure] {} groups, but {} colours", figure.groups.size(), figure.colours.size());
}

}  // namespace

std::string draw(const CliqueFigure& figure) {
  Tensor points = figure.points.to(at::kDouble).contiguous(), edges = figure.edges.to(at::kLong).contiguous();
  check(figure, points, edges);
  const std::vector<Point> nodes = placed(figure, points);
  const std::vector<std::string> colours =
      figure.colours.empty() ? categorical_colours(static_cast<int64_t>(figure.groups.size())) : figure.colours;
  const double radius = nodes.size() > 150 ? 3 : nodes.size() > 60 ? 4 : 6;
  std::vector<std::vector<size_t>> groups_of(nodes.size());

  Svg svg(figure.width, figure.height, figure.title);
  for (size_t g = 0; g < figure.groups.size(); ++g) {
    std::vector<Point> members;
    for (int64_t member : figure.groups[g]) {
      groups_of[static_cast<size_t>(member)].push_back(g);
      if (nodes[static_cast<size_t>(member)].finite) members.push_back(nodes[static_cast<size_t>(member)]);
    }
    if (!figure.shaded || members.empty()) continue;
    std::string path;
    for (Point corner : hull(members))
      path += (path.empty() ? "M" : "L") + coordinate(corner.x) + " " + coordinate(corner.y);
    // A broad outline with round corners makes room around the nodes, and something to see of two nodes.
    svg.path(path + "Z", fmt::format("fill=\"{0}\" stroke=\"{0}\" stroke-width=\"{1}\" stroke-linejoin=\"round\" "
                                     "opacity=\".28\"",
                                     colours[g], coordinate(3.2 * radius)));
  }
  std::string lines;
  const auto* ends = edges.const_data_ptr<int64_t>();
  for (int64_t e = 0; e < edges.size(0); ++e) {
    Point a = nodes[static_cast<size_t>(ends[2 * e])], b = nodes[static_cast<size_t>(ends[2 * e + 1])];
    if (!a.finite || !b.finite) continue;
    lines += fmt::format("M{} {}L{} {}", coordinate(a.x), coordinate(a.y), coordinate(b.x), coordinate(b.y));
  }
  if (!lines.empty()) svg.path(lines, "fill=\"none\" stroke=\"currentColor\" stroke-opacity=\".45\"");
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].finite) continue;
    const auto count = static_cast<double>(groups_of[i].size());
    auto disc = [&](const std::string& fill) {
      svg.path(fmt::format("M{} {}h0", coordinate(nodes[i].x), coordinate(nodes[i].y)),
               fmt::format("stroke=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\"", fill, coordinate(2 * radius)));
    };
    disc(groups_of[i].empty() ? kQuietColour : colours[groups_of[i][0]]);
    for (size_t s = 1; s < groups_of[i].size(); ++s) {
      double from = static_cast<double>(s) / count, to = static_cast<double>(s + 1) / count;
      svg.path(slice(nodes[i], radius, from, to), fmt::format("fill=\"{}\"", colours[groups_of[i][s]]));
    }
  }
  return svg.finish();
}

}  // namespace cleave::report
