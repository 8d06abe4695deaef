// One handwritten digit, drawn from strokes.
//
// Only + - * / and sqrt on doubles, and whole-number random bits: the same bits on every machine.
#pragma once

#include <cstdint>

#include "cleave/base/random.h"

namespace cleave::data {

/// What is chosen about a glyph; the rest (the way of writing, the wobble of the hand) is drawn and not recorded.
struct GlyphStyle {
  int digit = 0;
  double slant = 0;      ///< shift to the right per unit of height
  double thickness = 0;  ///< of the stroke, in pixels of a picture of 28 x 28
  double width = 0;      ///< relative to the usual
  double rotation = 0;   ///< degrees, clockwise
  double x = 0, y = 0;   ///< of the middle, from the middle of a picture of 28 x 28, to the right and down
};

GlyphStyle draw_style(Sequence& random);

/// Writes how much of each pixel is ink, in [0, 1], to ink [side * side], row by row.
void draw_ink(const GlyphStyle& style, int64_t side, Sequence& random, float* ink);

/// sin(2 pi turns), with an absolute error below 1e-9, for turns in [-1000, 1000].
double sine(double turns);

/// Mean 0, variance 1, bounded by 3.47: the sum of four uniforms.
double near_normal(Sequence& random);

}  // namespace cleave::data
