// What can be measured on a picture itself: factors for sets whose publisher names none.
#pragma once

#include <vector>

#include "cleave/data/dataset.h"

namespace cleave::data {

/// Slant, thickness, width and intensity of each grey picture, bright on dark; none for other data. With ink w(p) in
/// [0, 1] the value of pixel p over the largest possible one, and moments of the pixels' places weighted by ink:
///
///   slant      -cov(x, y) / var(y), rows counted downwards: the shift to the right per unit of height
///   width      sqrt(var(x) - cov(x, y)^2 / var(y)), pixels: the spread across, the slant taken out
///   thickness  2 sum w / sum |grad w|, pixels: a stroke t wide and l long has area t l and edges of length 2 l
///   intensity  sum w^2 / sum w: the value that ink has on average
///
/// Names begin with "measured-", so that they do not pass for a publisher's. A picture without ink has NaN.
std::vector<Factor> measured_factors(const Dataset& dataset);

}  // namespace cleave::data
