#include "cleave/report/comparison_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "cleave/base/error.h"
#include "cleave/report/html.h"

namespace cleave::report {
namespace {

using Row = std::vector<Html>;

std::string shown(const Settings& value) {
  if (value.is_number_float()) return fmt::format("{:.4g}", value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// The numbers and words of nested objects under their places: "bounds elbo", "facets 0 ari".
void flatten(const Settings& from, const std::string& place, Settings& to) {
  for (const auto& [key, value] : from.items()) {
    const std::string name = place.empty() ? key : place + " " + key;
    if (value.is_structured())
      flatten(value, name, to);
    else
      to[name] = value;
  }
}

/// Places that tell runs apart for a person; the per-latent and per-share lists do not.
bool worth_a_row(const std::string& place) {
  for (const char* list : {"information ", "explained_variance shares", "run", "seed", "settings"}) {
    if (place.starts_with(list)) return false;
  }
  return true;
}

Html measures(const std::vector<ComparedRun>& runs) {
  std::vector<Settings> flat(runs.size());
  Table content{.header = {""}, .rows = {}};
  for (size_t i = 0; i < runs.size(); ++i) {
    content.header.push_back(runs[i].name);
    flatten(runs[i].row.value("settings", Settings::object()), "", flat[i]["settings"]);
    flatten(runs[i].row, "", flat[i]["measures"]);
  }
  for (const char* part : {"settings", "measures"}) {
    std::vector<std::string> places;
    for (const Settings& run : flat) {
      for (const auto& [place, value] : run[part].items()) {
        const bool listed = std::find(places.begin(), places.end(), place) != places.end();
        if (!listed && (part == std::string("settings") || worth_a_row(place))) places.push_back(place);
      }
    }
    for (const std::string& place : places) {
      Row row = {text(place)};
      for (const Settings& run : flat)
        row.push_back(text(run[part].contains(place) ? shown(run[part][place]) : "-"));
      content.rows.push_back(std::move(row));
    }
  }
  return table(content);
}

Html embedded(const Figure& figure, const std::string& description) {
  if (figure.name.ends_with(".svg")) return drawing(figure.bytes);
  return Html{
      fmt::format("<img alt=\"{}\" style=\"width:100%;image-rendering:pixelated\" "
                  "src=\"data:image/png;base64,{}\">",
                  description, base64(figure.bytes))};
}

const Figure* find(const std::vector<Figure>& figures, const std::string& name) {
  auto found = std::find_if(figures.begin(), figures.end(), [&](const Figure& f) { return f.name == name; });
  return found == figures.end() ? nullptr : &*found;
}

/// Names of the figures that all runs have, what the models drew first.
std::vector<std::string> common_figures(const std::vector<ComparedRun>& runs) {
  std::vector<std::string> names;
  for (const Figure& figure : runs[0].figures) {
    auto has = [&](const ComparedRun& run) { return find(run.figures, figure.name) != nullptr; };
    if (std::all_of(runs.begin(), runs.end(), has)) names.push_back(figure.name);
  }
  std::sort(names.begin(), names.end());
  std::stable_partition(names.begin(), names.end(), [](const std::string& name) { return name.starts_with("prior_"); });
  return names;
}

/// "prior_samples_wide.png" -> "Prior samples wide".
std::string heading_of(std::string name) {
  name = name.substr(0, name.rfind('.'));
  std::replace(name.begin(), name.end(), '_', ' ');
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

}  // namespace

std::string comparison_page(const std::vector<ComparedRun>& runs) {
  require<ArgumentError>(!runs.empty(), "[compare] expected at least one run");
  Page page("Runs side by side", "Settings in which they differ, measures, and the figures that all of them have.");
  page.section("Settings and measures", measures(runs));
  for (const std::string& name : common_figures(runs)) {
    std::vector<Html> pictures;
    for (const ComparedRun& run : runs) {
      const std::string heading = heading_of(name);
      pictures.push_back(figure(embedded(*find(run.figures, name), heading), text(run.name)));
    }
    page.section(heading_of(name), side_by_side(pictures));
  }
  return page.finish();
}

}  // namespace cleave::report
