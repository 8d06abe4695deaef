// Data sets that are drawn by code: no download, any size, every factor known, the same bits on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cleave/data/dataset.h"

namespace cleave::data {

/// "circles", "moons", "glyphs", "glyphs-colour" and "glyphs-marked".
const std::vector<std::string>& drawn_names();

/// A drawn set of `size` examples; 0 takes the set's own default (1000 points, 10000 pictures).
///
///   circles        two rings around each other in the plane
///   moons          two half rings that reach into each other
///   glyphs         digits written by many hands, 28 x 28 grey; factors digit, slant, thickness, width, rotation, x, y
///   glyphs-colour  the same in colour on a coloured ground, 32 x 32; factors foreground-hue and background-hue (ten
///                  classes each) and their degrees besides
///   glyphs-marked  glyphs of which 2, 5 and 7 are underlined; factor mark, the line's pixels, 0 for none
///
/// Each example is a function of (name, seed, index) alone, so a smaller set is the beginning of a larger one.
/// `noise`: standard deviation of points about their curve; below 0 the set's own, 0.05 for circles and 0.1 for moons.
/// Throws ArgumentError for a noise of pictures, for an unknown name and for a size outside 0 to 10 million.
Dataset draw(const std::string& name, int64_t size = 0, uint64_t seed = 0, double noise = -1);

}  // namespace cleave::data
