#include "cleave/report/explorable_map.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ATen/ATen.h>

#include "cleave/analysis/images.h"
#include "cleave/base/error.h"
#include "cleave/report/png.h"

namespace cleave::report {
namespace {

/// Base 64 of a tensor's values, as they lie in memory.
std::string encoded(const Tensor& values) {
  Tensor flat = values.contiguous();
  return base64({static_cast<const char*>(flat.const_data_ptr()), static_cast<size_t>(flat.nbytes())});
}

/// Points as two numbers from 0 to 65535, one unit being as long across as up, and up being up.
Tensor on_grid(const Tensor& points) {
  Tensor low = std::get<0>(points.min(0)), high = std::get<0>(points.max(0));
  double extent = std::max((high - low).max().item<double>(), 1e-12);
  Tensor centred = (points - (low + high) / 2) / extent;  // within [-1/2, 1/2]
  centred.select(1, 1).neg_();
  return ((centred + 0.5) * 65535).round().clamp(0, 65535).to(at::kInt).to(at::kUInt16);
}

}  // namespace

Thumbnails thumbnails(const data::Dataset& dataset, const Tensor& rows, int64_t pixels) {
  constexpr int64_t kBlock = 2048, kLevels = 16;
  const int64_t count = rows.size(0), channels = dataset.shape.at(0) >= 3 ? 3 : 1;
  int64_t height = dataset.shape.at(1), width = dataset.shape.at(2);
  double shrink = std::sqrt(static_cast<double>(pixels) / static_cast<double>(count * height * width));
  if (shrink < 1) {
    height = std::max<int64_t>(static_cast<int64_t>(static_cast<double>(height) * shrink), 4);
    width = std::max<int64_t>(static_cast<int64_t>(static_cast<double>(width) * shrink), 4);
  }
  auto columns = static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
  int64_t lines = (count + columns - 1) / columns;
  Tensor sheet = at::zeros({lines * columns, channels, height, width}, at::kByte);
  for (int64_t first = 0; first < count; first += kBlock) {
    Tensor block = rows.slice(0, first, first + kBlock);
    Tensor images = analysis::stored_images(dataset, block).slice(1, 0, channels);
    Tensor small = at::adaptive_avg_pool2d(images.nan_to_num(), {height, width});
    sheet.slice(0, first, first + block.size(0))
        .copy_((small.clamp(0, 1) * (kLevels - 1)).round() * (255.0 / (kLevels - 1)));
  }
  Tensor picture = sheet.view({lines, columns, channels, height, width})
                       .permute({2, 0, 3, 1, 4})
                       .reshape({channels, lines * height, columns * width});
  return {png(picture), width, height, columns};
}

Html explorable(const ExplorableMap& map) {
  const int64_t count = map.points.size(0);
  bool fits = map.points.dim() == 2 && map.points.size(1) == 2 && map.rows.size(0) == count;
  nlohmann::json colourings = nlohmann::json::array();
  for (const Colouring& colouring : map.colourings) {
    fits = fits && colouring.classes.size(0) == count && colouring.names.size() == colouring.colours.size();
    colourings.push_back({{"name", colouring.name},
                          {"names", colouring.names},
                          {"colours", colouring.colours},
                          {"classes", encoded(colouring.classes.to(at::kShort))}});
  }
  require<ArgumentError>(fits && count > 0, "[map] points must be [N, 2], and rows and classes [N]");
  nlohmann::json data = {{"points", encoded(on_grid(map.points.to(at::kDouble)))},
                         {"rows", encoded(map.rows.to(at::kInt))},
                         {"colourings", std::move(colourings)}};
  if (!map.thumbnails.png.empty()) {
    data["thumbnails"] = {{"src", "data:image/png;base64," + base64(map.thumbnails.png)},
                          {"width", map.thumbnails.width},
                          {"height", map.thumbnails.height},
                          {"columns", map.thumbnails.columns}};
  }
  // A name like "</script>" must not end the script.
  std::string json = data.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
  for (size_t at = json.find('<'); at != std::string::npos; at = json.find('<', at))
    json.replace(at, 1, "\\u003c");
  return {
      fmt::format("<div class=\"map\" role=\"img\" aria-label=\"{}\"><noscript>This map needs a browser with "
                  "scripts; figures/ holds it as a picture.</noscript></div>\n<script>(\n{})(\n{});</script>\n",
                  text(map.title).markup, map_script(), json)};
}

}  // namespace cleave::report
