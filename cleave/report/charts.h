// Charts as SVG text. Pure functions of their data: same data, same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cleave/base/tensor.h"

namespace cleave::report {

struct Series {
  std::string name;
  std::vector<double> x = {}, y = {};  ///< equal lengths; a value that is not finite interrupts the line
  std::string colour = {};             ///< empty: the next of categorical_colours
};

/// A vertical line with a name: where a stage of training begins.
struct Boundary {
  double x = 0;
  std::string name;
};

struct LineChart {
  std::string title;  ///< for screen readers
  std::string x_label, y_label;
  std::vector<Series> series;
  std::vector<Boundary> boundaries;
  std::optional<double> y_low, y_high;  ///< limits; by default those of the data
  std::optional<double> reference;      ///< a quiet horizontal line
  bool legend = true;                   ///< names and last values beside the lines
  double width = 960, height = 320;
};

/// Lines over a common axis, with a legend that gives each line's last value.
/// Throws ArgumentError when a series has unequal lengths.
std::string draw(const LineChart& chart);

struct BarChart {
  std::string title;
  std::string x_label, y_label;
  std::vector<std::string> names;    ///< per bar
  std::vector<double> values;        ///< per bar, not negative
  std::vector<std::string> labels;   ///< written over each bar; may be empty
  std::vector<std::string> colours;  ///< per bar; empty: one colour for all
  std::optional<double> reference;   ///< a dashed horizontal line
  double width = 960, height = 230;
};

/// Vertical bars from zero. Throws ArgumentError when the lists do not have one entry per bar.
std::string draw(const BarChart& chart);

struct HeatMap {
  std::string title;
  std::string x_label, y_label;
  std::vector<std::string> row_names, column_names;
  Tensor amounts;  ///< [rows, columns]: the colour, 0 to 1, or -1 to 1 when signed (clipped)
  std::vector<std::vector<std::string>> texts;  ///< what the cells say; may be empty
  bool is_signed = false;                       ///< amounts go both ways from zero
  double cell_width = 52, cell_height = 24;
};

/// A matrix of coloured cells: blue for amounts; when signed, orange above zero and blue below. Texts are left out
/// where the cells are too small for them, and remain as hints under the pointer.
std::string draw(const HeatMap& map);

struct Scatter {
  std::string title;
  std::string x_label, y_label;
  Tensor points;                     ///< [N, 2]
  Tensor classes;                    ///< [N] int64; negative: none, drawn in grey
  std::vector<std::string> names;    ///< per class
  std::vector<std::string> colours;  ///< per class; empty: categorical_colours
  bool legend = true;                ///< names, in place and beside
  bool counts = true;                ///< and how many points: not where these are a sample of what is shown
  double width = 520, height = 420;
};

/// Points coloured by class, each class named in the legend, with its count, and in place at its median.
/// About 10 bytes per point.
std::string draw(const Scatter& scatter);

}  // namespace cleave::report
