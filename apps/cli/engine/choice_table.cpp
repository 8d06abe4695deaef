#include "apps/cli/engine/choice_table.h"

#include <cmath>

#include <fmt/format.h>

#include "apps/cli/engine/table.h"

namespace cleave::cli {

std::string choice_table(const experiment::ChoiceOfK& choice) {
  if (choice.criteria.empty()) return "";
  std::vector<std::string> header = {"clusters"}, favourites = {"favours"};
  std::vector<std::vector<std::string>> rows;
  for (int64_t clusters : choice.tried)
    rows.push_back({std::to_string(clusters)});
  for (const experiment::Criterion& criterion : choice.criteria) {
    header.push_back(criterion.name);
    favourites.push_back(criterion.favours ? std::to_string(*criterion.favours) : "-");
    for (size_t i = 0; i < rows.size(); ++i) {
      double value = criterion.values[i];
      std::string text = !std::isfinite(value)     ? "-"
                         : std::abs(value) >= 1000 ? fmt::format("{:.0f}", value)
                                                   : fmt::format("{:.3f}", value);
      rows[i].push_back(text + (criterion.favours == choice.tried[i] ? "*" : " "));
    }
  }
  for (const experiment::OwnCount& count : choice.counts) {
    header.push_back(count.name);
    favourites.push_back(std::to_string(count.clusters));
    for (size_t i = 0; i < rows.size(); ++i)
      rows[i].push_back(count.clusters == choice.tried[i] ? "*" : " ");
  }
  for (size_t column = 1; column < favourites.size(); ++column) {
    header[column] += " ";
    favourites[column] += " ";
  }
  rows.push_back(std::move(favourites));
  return table(header, rows);
}

}  // namespace cleave::cli
