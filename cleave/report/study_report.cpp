#include "cleave/report/study_report.h"

#include <map>

#include <fmt/format.h>

#include "cleave/base/error.h"
#include "cleave/base/text.h"
#include "cleave/report/charts.h"
#include "cleave/report/html.h"

namespace cleave::report {
namespace {

std::vector<std::string> names_in(const Settings& table) {
  std::vector<std::string> names;
  for (const auto& [name, value] : table.items())
    names.push_back(name);
  return names;
}

std::string shown(const Settings& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// The settings of a point but the first, in words: which line it is on.
std::string line_of(const Settings& settings, const std::string& first) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : settings.items()) {
    if (name != first) parts.push_back(name + " " + shown(value));
  }
  return join(parts);
}

/// Points in which the same settings vary, in their order.
std::vector<std::vector<Settings>> by_names(const Settings& points) {
  std::vector<std::vector<Settings>> groups;
  for (const Settings& point : points) {
    auto same = [&](const std::vector<Settings>& group) {
      return names_in(group[0]["settings"]) == names_in(point["settings"]);
    };
    auto found = std::find_if(groups.begin(), groups.end(), same);
    if (found == groups.end()) found = groups.insert(groups.end(), std::vector<Settings>{});
    found->push_back(point);
  }
  return groups;
}

/// The setting along the axis: the first that is a number everywhere; "" when there is none.
std::string axis_of(const std::vector<Settings>& group) {
  for (const std::string& name : names_in(group[0]["settings"])) {
    auto is_number = [&](const Settings& point) { return point["settings"][name].is_number(); };
    if (std::all_of(group.begin(), group.end(), is_number)) return name;
  }
  return "";
}

LineChart chart_of(const std::vector<Settings>& group, const std::string& axis, const std::string& measure) {
  LineChart chart{.title = measure + " against " + axis, .x_label = axis, .y_label = measure};
  std::map<std::string, Series> lines;
  for (const Settings& point : group) {
    Series& line = lines[line_of(point["settings"], axis)];
    line.x.push_back(point["settings"][axis].get<double>());
    line.y.push_back(point["measures"][measure]["mean"].get<double>());
  }
  for (auto& [name, line] : lines) {
    line.name = name.empty() ? "mean" : name;
    chart.series.push_back(std::move(line));
  }
  chart.width = 620;
  return chart;
}

Html table_of(const std::vector<Settings>& group) {
  Table content;
  for (const std::string& name : names_in(group[0]["settings"]))
    content.header.push_back(name);
  for (const std::string& measure : names_in(group[0]["measures"]))
    content.header.push_back(measure + ", mean ± sd");
  content.header.emplace_back("every seed");
  for (const Settings& point : group) {
    std::vector<Html> row;
    for (const auto& [name, value] : point["settings"].items())
      row.push_back(text(shown(value)));
    std::string first;
    for (const auto& [measure, summary] : point["measures"].items()) {
      row.push_back(text(fmt::format("{:.3f} ± {:.3f}", summary["mean"].get<double>(), summary["sd"].get<double>())));
      if (first.empty()) first = measure;
    }
    std::vector<std::string> each;
    for (const Settings& run : point["runs"])
      each.push_back(fmt::format("{:.3f}", run[first].get<double>()));
    row.push_back(text(join(each, " ")));
    content.rows.push_back(std::move(row));
  }
  return table(content);
}

}  // namespace

Report study_report(const Settings& outcome) {
  require<ArgumentError>(outcome.contains("points") && !outcome["points"].empty(), "a study without points");
  Page page(outcome["title"].get<std::string>(), "A study: the same fit, over and over, with other settings.");
  Report report;
  for (const std::vector<Settings>& group : by_names(outcome["points"])) {
    const std::string axis = axis_of(group);
    Html content;
    for (const std::string& measure : names_in(group[0]["measures"])) {
      if (axis.empty()) break;
      const std::string svg = draw(chart_of(group, axis, measure));
      content += figure(drawing(svg), text("Means over the seeds of each point."));
      report.figures.push_back({fmt::format("{}_{}.svg", measure, join(names_in(group[0]["settings"]), "_")), svg});
    }
    page.section(join(names_in(group[0]["settings"]), " and "), content + table_of(group));
  }
  report.html = page.finish();
  return report;
}

}  // namespace cleave::report
