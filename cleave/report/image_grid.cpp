#include "cleave/report/image_grid.h"

#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/report/png.h"

namespace cleave::report {
namespace {

constexpr int64_t kLongest = 96;  // pixels of a tile's longer side in the file
constexpr int64_t kShownAs = 56;  // pixels on the page that a tile should about have

/// [.., C, H, W] averaged down so that neither side is longer than kLongest.
Tensor bounded(const Tensor& tiles) {
  int64_t height = tiles.size(-2), width = tiles.size(-1), longest = std::max(height, width);
  if (longest <= kLongest) return tiles;
  Tensor flat = tiles.flatten(0, -4);  // [tiles, C, H, W]
  int64_t new_height = std::max<int64_t>(height * kLongest / longest, 1);
  int64_t new_width = std::max<int64_t>(width * kLongest / longest, 1);
  Tensor small = at::adaptive_avg_pool2d(flat, {new_height, new_width});
  return small.reshape({tiles.size(0), tiles.size(1), tiles.size(2), new_height, new_width});
}

}  // namespace

ImageGrid image_grid(const Tensor& given, int64_t gap) {
  require<ArgumentError>(given.dim() == 5 && given.numel() > 0,
                         "[image grid] tiles must be [rows, columns, channels, height, width] and not empty");
  Tensor tiles = bounded(given.to(at::kFloat));
  tiles = tiles.narrow(2, 0, tiles.size(2) >= 3 ? 3 : 1);
  Tensor seen = at::isnan(tiles).any(/*dim=*/2, /*keepdim=*/true).logical_not();  // [rows, columns, 1, H, W]
  Tensor colours = at::nan_to_num(tiles).clamp(0, 1);
  Tensor cells = at::constant_pad_nd(at::cat({colours, seen.to(at::kFloat)}, 2), {0, gap, 0, gap});
  Tensor sheet = cells.permute({2, 0, 3, 1, 4}).flatten(3, 4).flatten(1, 2);  // [C + 1, height, width]

  ImageGrid grid;
  grid.png = png((sheet * 255).round().to(at::kByte));
  grid.height = sheet.size(1);
  grid.width = sheet.size(2);
  grid.rows = tiles.size(0);
  grid.columns = tiles.size(1);
  grid.scale = std::max<int64_t>(1, (kShownAs + tiles.size(-1) / 2) / std::max(tiles.size(-2), tiles.size(-1)));
  return grid;
}

}  // namespace cleave::report
