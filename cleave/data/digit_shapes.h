// How people write the ten digits: every way of writing one is a few strokes through control points.
#pragma once

#include <vector>

namespace cleave::data {

struct Point {
  double x = 0, y = 0;
};

/// A point that a stroke passes through, smoothly unless it is a corner.
struct Knot {
  Point at;
  bool corner = false;
};

struct Stroke {
  std::vector<Knot> knots;
  bool closed = false;  ///< the last knot is joined to the first
};

/// One way of writing a digit, in a box from (0, 0), top left, to (1, 1), bottom right.
using Shape = std::vector<Stroke>;

/// The ways of writing a digit in 0..9; those listed first are no likelier than the others.
const std::vector<Shape>& digit_shapes(int digit);

}  // namespace cleave::data
