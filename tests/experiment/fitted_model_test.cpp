// New data as a fitted model is asked about them.
#include "cleave/experiment/fitted_model.h"

#include <gtest/gtest.h>

#include "tests/support/raises.h"

namespace cleave::experiment {
namespace {

TEST(FittedModel, AskedAboutImagesOnAnotherScaleTakesThemToItsOwn) {
  FittedModel fitted;
  fitted.description = {.kind = data::Kind::kImage, .shape = {1, 2, 3}, .width = 6};
  fitted.largest = 255;
  data::Dataset bytes{.name = "images", .kind = data::Kind::kImage, .shape = {1, 2, 3}, .largest = 255};
  bytes.examples.dense = at::tensor({0, 51, 102, 153, 204, 255}, at::kByte).view({1, 6});
  EXPECT_TRUE(at::equal(fitted.adapted(bytes).examples.dense, bytes.examples.dense));
  data::Dataset shares = bytes;
  shares.largest = 1;
  shares.examples.dense = bytes.examples.dense.to(at::kFloat) / 255;
  const data::Dataset scaled = fitted.adapted(shares);
  EXPECT_EQ(scaled.largest, 255);
  EXPECT_TRUE(at::allclose(scaled.examples.dense, bytes.examples.dense.to(at::kFloat)));
  shares.shape = {1, 3, 2};
  EXPECT_RAISES(
      fitted.adapted(shares), DataError,
      "images: images are 1 x 3 x 2 (channels, height, width), but the run was fitted to images of 1 x 2 x 3");
  shares.kind = data::Kind::kTable;
  shares.shape = {6};
  EXPECT_TRUE(at::equal(fitted.adapted(shares).examples.dense, shares.examples.dense)) << "no pixels";
}

TEST(FittedModel, AskedAboutColumnsInAnotherOrderFindsThemByName) {
  FittedModel fitted;
  fitted.description = {.kind = data::Kind::kTable, .shape = {2}, .width = 2};
  fitted.feature_names = {"mass", "length"};
  data::Dataset table{.name = "table", .shape = {2}, .feature_names = {"length", "mass"}};
  table.examples.dense = at::tensor({1.0f, 2.0f}).view({1, 2});
  const data::Dataset found = fitted.adapted(table);
  EXPECT_TRUE(at::equal(found.examples.dense, at::tensor({2.0f, 1.0f}).view({1, 2})));
  EXPECT_EQ(found.feature_names, fitted.feature_names);
  table.feature_names = {"length", "height"};
  EXPECT_RAISES(fitted.adapted(table), DataError, "table: has no column 'mass'");
  table.feature_names.clear();
  EXPECT_TRUE(at::equal(fitted.adapted(table).examples.dense, table.examples.dense)) << "by place, without names";
}

}  // namespace
}  // namespace cleave::experiment
