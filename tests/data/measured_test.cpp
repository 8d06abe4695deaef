// What is measured on pictures, against shapes whose measures are known and digits that were drawn with known factors.
#include "cleave/data/measured.h"

#include <cmath>

#include <gtest/gtest.h>

#include "cleave/data/drawn.h"

namespace cleave::data {
namespace {

/// One picture of 40 x 40 with a bar 4 wide and 20 high whose rows move `slope` pixels to the right per row upwards.
Dataset a_bar(int64_t slope_of_ten, double value) {
  Tensor picture = at::zeros({40, 40});
  for (int64_t row = 10; row < 30; ++row) {
    const int64_t left = 18 + (20 - row) * slope_of_ten / 10;
    picture[row].narrow(0, left, 4).fill_(value);
  }
  Dataset dataset;
  dataset.name = "bar";
  dataset.kind = Kind::kImage;
  dataset.shape = {1, 40, 40};
  dataset.examples.dense = picture.view({1, 1600});
  return dataset;
}

double measured(const Dataset& dataset, const std::string& name) {
  for (const Factor& factor : measured_factors(dataset)) {
    if (factor.name == "measured-" + name) return factor.values[0].item<double>();
  }
  ADD_FAILURE() << "there is no measure of " << name;
  return 0;
}

TEST(Measured, AnUprightBarHasItsWidthThicknessAndValue) {
  const Dataset bar = a_bar(0, 0.5);
  EXPECT_NEAR(measured(bar, "slant"), 0, 1e-9);
  EXPECT_NEAR(measured(bar, "width"), std::sqrt((16 - 1) / 12.0), 1e-9);  // of four equal pixels
  EXPECT_NEAR(measured(bar, "intensity"), 0.5, 1e-9);
  EXPECT_NEAR(measured(bar, "thickness"), 2 * 80 / 48.0, 0.05);  // area 80, edge 48 less the corners
}

TEST(Measured, ABarThatLeansToTheRightHasAPositiveSlant) {
  EXPECT_NEAR(measured(a_bar(10, 1), "slant"), 1, 1e-9);
  EXPECT_NEAR(measured(a_bar(-10, 1), "slant"), -1, 1e-9);
}

TEST(Measured, FollowsTheFactorsThatDigitsWereDrawnWith) {
  const Dataset glyphs = draw("glyphs", 2000);
  for (const char* name : {"slant", "thickness", "width"}) {
    Tensor truth, found;
    for (const Factor& factor : glyphs.factors) {
      if (factor.name == name) truth = factor.values;
    }
    for (const Factor& factor : measured_factors(glyphs)) {
      if (factor.name == std::string("measured-") + name) found = factor.values;
    }
    // Within a digit: a 1 is narrower than a 0 whatever its width is said to be.
    const Tensor rows = glyphs.labels.eq(2).nonzero().flatten();
    const Tensor pair = at::stack({truth.index_select(0, rows), found.index_select(0, rows)});
    EXPECT_GT(at::corrcoef(pair)[0][1].item<double>(), 0.7) << name;
  }
}

TEST(Measured, OnlyGreyPicturesAreMeasured) {
  EXPECT_TRUE(measured_factors(draw("moons", 50)).empty());
  EXPECT_TRUE(measured_factors(draw("glyphs-colour", 50)).empty());
}

}  // namespace
}  // namespace cleave::data
