#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "cleave/base/error.h"
#include "cleave/report/axis.h"
#include "cleave/report/charts.h"
#include "cleave/report/colour.h"
#include "cleave/report/svg.h"

namespace cleave::report {
namespace {

constexpr double kLineLeft = 62, kLineTop = 22, kLineBottom = 44;
constexpr double kLegendText = 28, kLegendLine = 17;  // where the text begins, and pixels per line
constexpr double kCharacter = 6.6;                    // mean width of one at this size
constexpr size_t kMostPoints = 500;                   // per line: more cannot be told apart at this width

struct Limits {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void include(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }

  bool empty() const { return low > high; }
};

Limits limits_of(const LineChart& chart, std::vector<double> Series::*coordinates) {
  Limits limits;
  for (const Series& series : chart.series) {
    for (double value : series.*coordinates)
      limits.include(value);
  }
  if (limits.empty()) limits = {0, 1};
  return limits;
}

Limits vertical_limits(const LineChart& chart) {
  Limits limits = limits_of(chart, &Series::y);
  double margin =
      apart(limits.low, limits.high) ? 0.05 * (limits.high - limits.low) : std::max(0.5 * std::abs(limits.high), 0.5);
  return {chart.y_low.value_or(limits.low - margin), chart.y_high.value_or(limits.high + margin)};
}

/// The polyline through the finite points, at most kMostPoints of them, evenly chosen, the last one kept.
std::string commands(const Series& series, const Scale& across, const Scale& up) {
  size_t stride = (series.x.size() + kMostPoints - 1) / kMostPoints;
  std::string path;
  bool drawing = false;
  for (size_t i = 0; i < series.x.size(); ++i) {
    if (i % stride != 0 && i + 1 != series.x.size()) continue;
    bool finite = std::isfinite(series.x[i]) && std::isfinite(series.y[i]);
    if (finite) path += (drawing ? "L" : "M") + coordinate(across(series.x[i])) + " " + coordinate(up(series.y[i]));
    // A line of one point has no length; a stroke of length zero with round ends is a dot.
    if (finite && !drawing) path += "h0";
    drawing = finite;
  }
  return path;
}

void draw_axes(Svg& svg, const LineChart& chart, const Scale& across, const Scale& up) {
  std::vector<double> levels = ticks(up.low, up.high), places = ticks(across.low, across.high, 8, true);
  std::vector<std::string> level_names = tick_labels(levels), place_names = tick_labels(places);
  for (size_t i = 0; i < levels.size(); ++i) {
    svg.line(across.first, up(levels[i]), across.last, up(levels[i]), kGridStyle);
    svg.text(across.first - 7, up(levels[i]) + 4, level_names[i], "text-anchor=\"end\"");
  }
  svg.line(across.first, up.first, across.last, up.first, kAxisStyle);
  for (size_t i = 0; i < places.size(); ++i) {
    svg.line(across(places[i]), up.first, across(places[i]), up.first + 4, kAxisStyle);
    svg.text(across(places[i]), up.first + 17, place_names[i], "text-anchor=\"middle\"");
  }
  svg.text((across.first + across.last) / 2, chart.height - 6, chart.x_label, "text-anchor=\"middle\" opacity=\".75\"");
  svg.text(4, 12, chart.y_label, "opacity=\".75\"");
  if (chart.reference) svg.line(across.first, up(*chart.reference), across.last, up(*chart.reference), kMarkStyle);
}

/// A dotted line and a name where each stage begins. The stage in which the axis begins has its name at its start.
void draw_boundaries(Svg& svg, const LineChart& chart, const Scale& across, const Scale& up) {
  double free_from = -1;  // names that would run into each other are left out: the lines remain
  for (size_t i = 0; i < chart.boundaries.size(); ++i) {
    const auto& [value, name] = chart.boundaries[i];
    bool over_before = i + 1 < chart.boundaries.size() && chart.boundaries[i + 1].x <= across.low;
    if (over_before || value > across.high) continue;
    double x = across(std::max(value, across.low));
    if (value > across.low) svg.line(x, up.first, x, up.last, kMarkStyle);
    if (x < free_from) continue;
    svg.text(x + 4, up.last + 11, name, "font-size=\"11\" font-style=\"italic\" opacity=\".75\"");
    free_from = x + 8 + kCharacter * static_cast<double>(name.size());
  }
}

double last_finite(const std::vector<double>& values) {
  auto found = std::find_if(values.rbegin(), values.rend(), [](double value) { return std::isfinite(value); });
  return found == values.rend() ? std::nan("") : *found;
}

std::string legend_entry(const Series& series) {
  return fmt::format("{}  {}", series.name, brief_number(last_finite(series.y)));
}

/// Pixels that the legend needs right of the axes.
double legend_width(const LineChart& chart) {
  if (!chart.legend) return 14;
  size_t longest = 0;
  for (const Series& series : chart.series)
    longest = std::max(longest, legend_entry(series).size());
  return 14 + kLegendText + kCharacter * static_cast<double>(longest);
}

}  // namespace

std::string draw(const LineChart& chart) {
  for (const Series& series : chart.series) {
    require<ArgumentError>(series.x.size() == series.y.size(), "[line chart] series '{}' has {} x and {} y values",
                           series.name, series.x.size(), series.y.size());
  }
  double legend_height = chart.legend ? kLineTop + kLegendLine * static_cast<double>(chart.series.size()) + 10 : 0;
  double height = std::max(chart.height, legend_height);
  Limits horizontal = limits_of(chart, &Series::x), vertical = vertical_limits(chart);
  Scale across{horizontal.low, horizontal.high, kLineLeft, chart.width - legend_width(chart)};
  Scale up{vertical.low, vertical.high, chart.height - kLineBottom, kLineTop};

  Svg svg(chart.width, height, chart.title);
  draw_axes(svg, chart, across, up);
  draw_boundaries(svg, chart, across, up);
  std::vector<std::string> colours = categorical_colours(static_cast<int64_t>(chart.series.size()));
  for (size_t i = 0; i < chart.series.size(); ++i) {
    const Series& series = chart.series[i];
    // From the second round of line styles on, dashes tell apart what colour alone may not.
    std::string style = fmt::format(
        "fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-linejoin=\"round\" "
        "stroke-linecap=\"round\"{}",
        series.colour.empty() ? colours[i] : series.colour, i % 2 ? " stroke-dasharray=\"7 4\"" : "");
    if (chart.series.size() <= 4) style = style.substr(0, style.find(" stroke-dasharray"));
    svg.path(commands(series, across, up), style, series.name);
    if (!chart.legend) continue;
    double y = kLineTop + kLegendLine * static_cast<double>(i) + 4, x = across.last + 14;
    svg.path(fmt::format("M{} {}h22", coordinate(x), coordinate(y)), style);
    svg.text(x + kLegendText, y + 4, legend_entry(series));
  }
  return svg.finish();
}

}  // namespace cleave::report
