#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cleave/base/error.h"
#include "cleave/report/axis.h"
#include "cleave/report/charts.h"
#include "cleave/report/colour.h"
#include "cleave/report/svg.h"

namespace cleave::report {
namespace {

constexpr double kMargin = 16, kLegend = 130, kLegendRow = 16;
constexpr size_t kRounds = 4;  // classes take turns, so that none covers all others

struct Point {
  double x, y;
};

/// Scales with room for every finite point, one unit being as long across as up.
std::pair<Scale, Scale> frame(const Tensor& points, double width, double height) {
  Tensor finite = points.index({at::isfinite(points).all(1)});
  if (finite.size(0) == 0) return {Scale{0, 1, kMargin, width}, Scale{0, 1, height, kMargin}};
  Tensor low = std::get<0>(finite.min(0)), high = std::get<0>(finite.max(0));
  auto at_axis = [](const Tensor& values, int64_t axis) { return values[axis].item<double>(); };
  double across = at_axis(high, 0) - at_axis(low, 0), up = at_axis(high, 1) - at_axis(low, 1);
  double unit = std::min((width - kMargin) / std::max(across, 1e-12), (height - kMargin) / std::max(up, 1e-12));
  auto centred = [&](int64_t axis, double first, double last) {
    double middle = (at_axis(low, axis) + at_axis(high, axis)) / 2, half = std::abs(last - first) / unit / 2;
    return Scale{middle - half, middle + half, first, last};
  };
  return {centred(0, kMargin, width), centred(1, height, kMargin)};
}

Point median(std::vector<Point> points) {
  auto middle = [&](double Point::*axis) {
    auto half = points.begin() + static_cast<std::ptrdiff_t>(points.size() / 2);
    std::nth_element(points.begin(), half, points.end(), [&](Point a, Point b) { return a.*axis < b.*axis; });
    return (*half).*axis;
  };
  return {middle(&Point::x), middle(&Point::y)};
}

/// Dots of length zero: the shortest SVG for many points. Relative moves keep the digits few.
std::string dots(const std::vector<Point>& points, size_t round) {
  std::string path;
  for (size_t i = round; i < points.size(); i += kRounds) {
    path += "M" + coordinate(points[i].x) + " " + coordinate(points[i].y) + "h0";
  }
  return path;
}

}  // namespace

std::string draw(const Scatter& scatter) {
  Tensor points = scatter.points.to(at::kDouble).contiguous(), classes = scatter.classes.to(at::kLong).contiguous();
  int64_t count = points.size(0), class_count = static_cast<int64_t>(scatter.names.size());
  require<ArgumentError>(points.dim() == 2 && points.size(1) == 2 && classes.dim() == 1 && classes.size(0) == count,
                         "[scatter] points must be [N, 2] and classes [N]");
  require<ArgumentError>(count == 0 || classes.max().item<int64_t>() < class_count,
                         "[scatter] a class has no name: {} names", class_count);
  double plot_width = scatter.width - (scatter.legend ? kLegend : 0);
  auto [across, up] = frame(points, plot_width, scatter.height - 24);

  std::vector<std::vector<Point>> members(static_cast<size_t>(class_count) + 1);  // the last: no class
  for (int64_t i = 0; i < count; ++i) {
    const double* xy = points.const_data_ptr<double>() + 2 * i;
    int64_t named = classes.const_data_ptr<int64_t>()[i];
    if (!std::isfinite(xy[0]) || !std::isfinite(xy[1])) continue;
    members[static_cast<size_t>(named < 0 ? class_count : named)].push_back({across(xy[0]), up(xy[1])});
  }

  std::vector<std::string> colours = scatter.colours.empty() ? categorical_colours(class_count) : scatter.colours;
  colours.push_back(kQuietColour);
  bool shapes = class_count > 10;  // from ten colours on, every second class is drawn in squares
  double size = count > 3000 ? 3.2 : count > 800 ? 4.2 : 5.5;
  auto style = [&](size_t of_class, double width) {
    bool square = shapes && of_class % 2 == 1;
    return fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linecap=\"{}\"", colours[of_class],
                       coordinate(width), square ? "square" : "round");
  };

  double legend_height = scatter.legend ? kMargin + kLegendRow * static_cast<double>(members.size()) + 8 : 0;
  Svg svg(scatter.width, std::max(scatter.height, legend_height), scatter.title);
  for (size_t round = 0; round < kRounds; ++round) {
    for (size_t c = 0; c < members.size(); ++c) {
      std::string path = dots(members[c], round);
      if (!path.empty()) svg.path(path, style(c, size) + " stroke-opacity=\".75\"");
    }
  }
  double y = kMargin;
  for (size_t c = 0; scatter.legend && c < members.size(); ++c) {
    bool unnamed = c + 1 == members.size();
    if (unnamed && members[c].empty()) continue;
    std::string name = unnamed ? "none" : scatter.names[c];
    svg.path(fmt::format("M{} {}h0", coordinate(plot_width + 18), coordinate(y)), style(c, 9));
    std::string size_of_class = scatter.counts ? fmt::format("  ({})", members[c].size()) : "";
    svg.text(plot_width + 28, y + 4, name + size_of_class, "font-size=\"11\"");
    y += kLegendRow;
    if (unnamed || members[c].empty()) continue;
    Point centre = median(members[c]);
    svg.text(centre.x, centre.y + 4, name.size() <= 12 ? name : name.substr(0, 11) + "...",
             "text-anchor=\"middle\" font-weight=\"600\" fill=\"#111\" stroke=\"#fff\" stroke-width=\"3\" "
             "stroke-linejoin=\"round\" paint-order=\"stroke\"");
  }
  svg.text(plot_width / 2, scatter.height - 4, scatter.x_label, "text-anchor=\"middle\" opacity=\".75\"");
  svg.text(4, 12, scatter.y_label, "opacity=\".75\"");
  return svg.finish();
}

}  // namespace cleave::report
