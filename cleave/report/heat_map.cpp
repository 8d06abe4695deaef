#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cleave/base/error.h"
#include "cleave/report/charts.h"
#include "cleave/report/colour.h"
#include "cleave/report/svg.h"

namespace cleave::report {
namespace {

constexpr double kCellCharacter = 6.6;  // mean width of one at this size
constexpr double kSlope = 0.7;          // long column names lean: their height per length

double width_of(const std::string& text) {
  return kCellCharacter * static_cast<double>(text.size());
}

double widest(const std::vector<std::string>& names) {
  double width = 0;
  for (const std::string& name : names)
    width = std::max(width, width_of(name));
  return width;
}

}  // namespace

std::string draw(const HeatMap& map) {
  Tensor amounts = map.amounts.to(at::kDouble).contiguous();
  int64_t rows = static_cast<int64_t>(map.row_names.size()), columns = static_cast<int64_t>(map.column_names.size());
  require<ArgumentError>(amounts.dim() == 2 && amounts.size(0) == rows && amounts.size(1) == columns,
                         "[heat map] {} row and {} column names do not fit the matrix", rows, columns);
  bool leaning = widest(map.column_names) > map.cell_width - 4;
  double left = widest(map.row_names) + 34;
  double top = (leaning ? kSlope * widest(map.column_names) + 14 : 20) + 22;
  double right = leaning ? kSlope * widest(map.column_names) : 8;
  double width = left + map.cell_width * static_cast<double>(columns) + right;
  double height = top + map.cell_height * static_cast<double>(rows) + 8;
  bool legible = map.cell_height >= 15;

  Svg svg(width, height, map.title);
  svg.text(left, 13, map.x_label, "opacity=\".75\"");
  svg.text(12, top + map.cell_height * static_cast<double>(rows) / 2, map.y_label,
           fmt::format("text-anchor=\"middle\" opacity=\".75\" transform=\"rotate(-90 12 {})\"",
                       coordinate(top + map.cell_height * static_cast<double>(rows) / 2)));
  for (int64_t column = 0; column < columns; ++column) {
    double x = left + map.cell_width * (static_cast<double>(column) + 0.5), y = top - 8;
    std::string turn = fmt::format("transform=\"rotate(-45 {} {})\"", coordinate(x), coordinate(y));
    svg.text(x, y, map.column_names[static_cast<size_t>(column)], leaning ? turn : "text-anchor=\"middle\"");
  }
  for (int64_t row = 0; row < rows; ++row) {
    const std::string& row_name = map.row_names[static_cast<size_t>(row)];
    double y = top + map.cell_height * static_cast<double>(row);
    if (map.cell_height >= 11 || row % 2 == 0) {
      svg.text(left - 8, y + map.cell_height / 2 + 4, row_name, "text-anchor=\"end\"");
    }
    for (int64_t column = 0; column < columns; ++column) {
      double amount = amounts.const_data_ptr<double>()[row * columns + column];
      double opacity = std::isfinite(amount) ? std::min(std::abs(amount), 1.0) : 0;
      double x = left + map.cell_width * static_cast<double>(column);
      std::string words = map.texts.empty() ? "" : map.texts[static_cast<size_t>(row)][static_cast<size_t>(column)];
      svg.rectangle(x, y, map.cell_width - 1, map.cell_height - 1,
                    fmt::format("fill=\"{}\" fill-opacity=\"{:.3f}\"",
                                map.is_signed && amount > 0 ? kPositiveColour : kAmountColour, 0.04 + 0.96 * opacity),
                    fmt::format("{} / {}: {}", row_name, map.column_names[static_cast<size_t>(column)], words));
      if (words.empty() || !legible || width_of(words) > map.cell_width) continue;
      svg.text(x + map.cell_width / 2, y + map.cell_height / 2 + 4, words,
               fmt::format("text-anchor=\"middle\" font-size=\"11\"{}", opacity > 0.55 ? " fill=\"#fff\"" : ""));
    }
  }
  return svg.finish();
}

}  // namespace cleave::report
