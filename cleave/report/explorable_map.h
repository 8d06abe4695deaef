// A map that is looked at by moving over it: zoom, pan, and the example under the pointer.
//
// Axes: N examples.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cleave/base/tensor.h"
#include "cleave/data/dataset.h"
#include "cleave/report/html.h"

namespace cleave::report {

/// One way of colouring the points.
struct Colouring {
  std::string name;                  ///< "cluster", "label"
  Tensor classes;                    ///< [N] int64 in [0, names); negative: none, drawn in grey
  std::vector<std::string> names;    ///< per class
  std::vector<std::string> colours;  ///< per class, "#rrggbb"
};

/// Small pictures of all examples in one sheet, rows first.
struct Thumbnails {
  std::string png;
  int64_t width = 0, height = 0;  ///< of one, pixels
  int64_t columns = 0;            ///< per row of the sheet
};

struct ExplorableMap {
  std::string title;  ///< for screen readers
  Tensor points;      ///< [N, 2]
  Tensor rows;        ///< [N] int64, the numbers by which the data set knows the examples
  std::vector<Colouring> colourings;
  Thumbnails thumbnails = {};  ///< empty where examples are no images
};

/// The map, with its script and all data inside: about 10 bytes a point, and the thumbnails.
/// Throws ArgumentError when the parts do not have the same number of examples.
Html explorable(const ExplorableMap& map);

/// Pictures of the examples at `rows` [N] int64 of an image data set. Each is averaged down until all together have no
/// more than `pixels` pixels, and rounded to 16 levels a channel, which a quarter of the bytes holds.
Thumbnails thumbnails(const data::Dataset& dataset, const Tensor& rows, int64_t pixels = 16'000'000);

/// The script of explorable(): a function of the points, their classes and pictures; it fills the element before it.
std::string_view map_script();

}  // namespace cleave::report
