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

constexpr double kBarLeft = 62, kBarTop = 30, kBarBottom = 42;
constexpr double kLabelWidth = 30;  // a name or label needs this much room, else only some are written

}  // namespace

std::string draw(const BarChart& chart) {
  size_t count = chart.values.size();
  for (size_t size : {chart.names.size(), chart.labels.empty() ? count : chart.labels.size(),
                      chart.colours.empty() ? count : chart.colours.size()}) {
    require<ArgumentError>(size == count, "[bar chart] {} bars, but {} names, labels or colours", count, size);
  }
  double highest = chart.reference.value_or(0);
  for (double value : chart.values)
    highest = std::max(highest, std::isfinite(value) ? value : 0);
  Scale up{0, highest > 0 ? highest : 1, chart.height - kBarBottom, kBarTop};
  double room = (chart.width - kBarLeft - 10) / static_cast<double>(std::max<size_t>(count, 1));
  double width = std::min(0.8 * room, 60.0);
  size_t every = static_cast<size_t>(std::ceil(kLabelWidth / room));

  Svg svg(chart.width, chart.height, chart.title);
  svg.text(4, 12, chart.y_label, "opacity=\".75\"");
  svg.text((kBarLeft + chart.width) / 2, chart.height - 5, chart.x_label, "text-anchor=\"middle\" opacity=\".75\"");
  std::vector<double> levels = ticks(up.low, up.high, 4);
  std::vector<std::string> level_names = tick_labels(levels);
  for (size_t i = 0; i < levels.size(); ++i) {
    svg.line(kBarLeft, up(levels[i]), chart.width - 10, up(levels[i]), kGridStyle);
    svg.text(kBarLeft - 7, up(levels[i]) + 4, level_names[i], "text-anchor=\"end\"");
  }
  for (size_t i = 0; i < count; ++i) {
    double value = std::isfinite(chart.values[i]) ? chart.values[i] : 0;
    double centre = kBarLeft + room * (static_cast<double>(i) + 0.5), top = up(value);
    std::string label = chart.labels.empty() ? "" : chart.labels[i];
    svg.rectangle(centre - width / 2, top, width, up.first - top,
                  fmt::format("fill=\"{}\"", chart.colours.empty() ? kAmountColour : chart.colours[i]),
                  fmt::format("{}: {}", chart.names[i], label.empty() ? brief_number(value) : label));
    if (i % every != 0) continue;
    svg.text(centre, up.first + 15, chart.names[i], "text-anchor=\"middle\"");
    svg.text(centre, top - 4, label, "text-anchor=\"middle\" font-size=\"11\"");
  }
  svg.line(kBarLeft, up.first, chart.width - 10, up.first, kAxisStyle);
  if (chart.reference) svg.line(kBarLeft, up(*chart.reference), chart.width - 10, up(*chart.reference), kMarkStyle);
  return svg.finish();
}

}  // namespace cleave::report
