#include "apps/cli/engine/table.h"

#include <algorithm>

#include <fmt/format.h>

namespace cleave::cli {

std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (size_t column = 0; column < header.size(); ++column) {
    widths.push_back(header[column].size());
    for (const auto& row : rows)
      widths[column] = std::max(widths[column], row[column].size());
  }
  auto line = [&](const std::vector<std::string>& cells) {
    std::string text = fmt::format("{:<{}}", cells[0], widths[0]);
    for (size_t column = 1; column < cells.size(); ++column)
      text += fmt::format("  {:>{}}", cells[column], widths[column]);
    return text + "\n";
  };
  std::string text = line(header);
  for (const auto& row : rows)
    text += line(row);
  return text;
}

}  // namespace cleave::cli
