// Many small images as one picture.
#pragma once

#include <cstdint>
#include <string>

#include "cleave/base/tensor.h"

namespace cleave::report {

/// A picture of equal tiles. On the page it is shown `scale` times larger, pixel by pixel.
struct ImageGrid {
  std::string png;
  int64_t width = 0, height = 0;  ///< pixels of the file
  int64_t rows = 0, columns = 0;
  int64_t scale = 1;
};

/// Tiles [rows, columns, C, H, W] in [0, 1] side by side, each followed by a transparent gap to its right and below.
///
/// Values outside are clipped; NaN is transparent, so a row may hold fewer images than others. C = 1 is grey; of three
/// or more channels the first three are red, green and blue; of two the first is shown. Images longer than 96 pixels
/// are averaged down to at most that. Throws ArgumentError for another shape.
ImageGrid image_grid(const Tensor& tiles, int64_t gap = 1);

}  // namespace cleave::report
