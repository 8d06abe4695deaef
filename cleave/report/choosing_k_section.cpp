#include <cmath>

#include <fmt/format.h>

#include "cleave/report/axis.h"
#include "cleave/report/charts.h"
#include "cleave/report/sections.h"

namespace cleave::report {
namespace {

double number(const Settings& value) {
  return value.is_number() ? value.get<double>() : std::nan("");
}

/// One criterion against the number of clusters.
Html chart_of(Findings& findings, const Settings& criterion, const std::vector<double>& tried) {
  std::string name = criterion.value("name", "");
  std::vector<double> values;
  for (const Settings& value : criterion["values"])
    values.push_back(number(value));
  values.resize(tried.size(), std::nan(""));
  LineChart chart{.title = name + " by number of clusters",
                  .x_label = "clusters",
                  .y_label = name,
                  .series = {{.name = name, .x = tried, .y = std::move(values)}},
                  .boundaries = {},
                  .legend = false,
                  .width = 470,
                  .height = 220};
  std::string favours = "favours none";
  if (criterion.value("favours", Settings()).is_number()) {
    int64_t clusters = criterion["favours"].get<int64_t>();
    favours = fmt::format("favours {}", clusters);
    chart.boundaries.push_back({static_cast<double>(clusters), std::to_string(clusters)});
  }
  return figure(findings.keep("choosing_k_" + name, draw(chart)),
                strong(name + " " + favours) + text(": " + criterion.value("rule", "")));
}

}  // namespace

Html how_many_clusters(Findings& findings) {
  const Settings& choice = findings.input.choosing_k;
  if (!choice.is_object() || !choice.contains("tried") || !choice.contains("criteria")) return {};
  std::vector<double> tried;
  for (const Settings& clusters : choice["tried"])
    tried.push_back(number(clusters));
  std::vector<Html> charts;
  for (const Settings& criterion : choice["criteria"]) {
    if (criterion.is_object() && criterion.contains("values")) charts.push_back(chart_of(findings, criterion, tried));
  }
  Html content = paragraph(strong(choice.value("reason", "") + "."));
  for (const Settings& count : choice.value("counts", Settings::array())) {
    content +=
        paragraph(text(fmt::format("{} by itself finds {}.", count.value("name", ""), count.value("clusters", 0))));
  }
  if (charts.empty()) return content;
  std::string sampled = fmt::format("Judged without labels, on {} examples along {} principal axes. ",
                                    grouped(choice.value("examples", 0.0)), choice.value("dimensions", 0));
  return content + figure(side_by_side(charts), text(sampled + "Criteria rarely agree on data without clear gaps; a "
                                                               "number given with -k is taken as it is."));
}

}  // namespace cleave::report
