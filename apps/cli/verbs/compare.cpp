// `cleave compare RUN...`.
#include "cleave/experiment/compare.h"

#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/table.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/base/files.h"

namespace cleave::cli::verbs {

namespace {

using Row = std::vector<std::string>;

std::string shown(const Settings& value) {
  if (value.is_number_float()) return fmt::format("{:.4g}", value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// What people compare first: the first clustering against the labels, the bounds, the kNN error, the time.
Row measures(const Settings& run) {
  Row row = {run["run"].get<std::string>(), run["method"].get<std::string>(), run["data"].get<std::string>()};
  auto cell = [&](const char* place) {
    Settings::json_pointer pointer(place);
    row.push_back(run.contains(pointer) ? shown(run[pointer]) : "-");
  };
  for (const char* place : {"/facets/0/accuracy_hungarian", "/facets/0/nmi_arithmetic", "/facets/0/ari", "/knn_error/5",
                            "/bounds/elbo", "/bounds/iwae", "/seconds"}) {
    cell(place);
  }
  return row;
}

std::string differing_settings(const Settings& runs) {
  Row header = {"settings"};
  for (const Settings& run : runs) {
    for (const auto& [name, value] : run["settings"].items()) {
      if (std::find(header.begin(), header.end(), name) == header.end()) header.push_back(name);
    }
  }
  if (header.size() == 1) return "";
  std::vector<Row> rows;
  for (const Settings& run : runs) {
    Row row = {run["run"].get<std::string>()};
    for (size_t i = 1; i < header.size(); ++i) {
      row.push_back(run["settings"].contains(header[i]) ? shown(run["settings"][header[i]]) : "-");
    }
    rows.push_back(std::move(row));
  }
  return "\n" + table(header, rows);
}

}  // namespace

void compare(const Invocation& invocation, const Console& console) {
  std::vector<std::filesystem::path> paths;
  for (const Settings& path : invocation.arguments.at("run"))
    paths.emplace_back(path.get<std::string>());
  const bool page = !invocation.option<std::string>("out").empty();
  const auto file = page ? output_file(invocation, "", {".html"}) : std::filesystem::path();
  Settings runs = experiment::compare(paths);
  std::vector<Row> rows;
  for (const Settings& run : runs)
    rows.push_back(measures(run));
  console.print(
      table({"run", "method", "data", "accuracy", "NMI", "ARI", "5NN error", "elbo", "iwae", "seconds"}, rows) +
      differing_settings(runs));
  if (page) {
    write_atomically(file, report::comparison_page(experiment::with_figures(runs)));
    console.note("wrote " + file.string());
  }
  console.result({{"runs", runs}});
}

}  // namespace cleave::cli::verbs
