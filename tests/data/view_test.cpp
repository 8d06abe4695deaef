#include "cleave/data/view.h"

#include <gtest/gtest.h>

namespace cleave::data {
namespace {

Dataset pictures() {
  Dataset set;
  set.name = "pictures";
  set.kind = Kind::kImage;
  set.shape = {1, 4, 5};
  set.largest = 255;
  set.examples.dense = at::randint(0, 256, {9, 20}, at::detail::createCPUGenerator(3)).to(at::kByte);
  return set;
}

TEST(View, DescribesTheTransformedData) {
  const Dataset set = pictures();
  const Description unit = View(set, Pipeline::fit({"auto"}, set, Randomness(0))).describe();
  EXPECT_EQ(unit.kind, Kind::kImage);
  EXPECT_EQ(unit.shape, (std::vector<int64_t>{1, 4, 5}));
  EXPECT_EQ(unit.width, 20);
  EXPECT_EQ(unit.size, 9);
  EXPECT_TRUE(unit.unit_interval);
  EXPECT_FALSE(View(set, Pipeline::fit({"unit", "standardise"}, set, Randomness(0))).describe().unit_interval);
}

TEST(View, RowsAreTransformedAndAllIsEveryRow) {
  const Dataset set = pictures();
  const View view(set, Pipeline::fit({"unit"}, set, Randomness(0)));
  EXPECT_TRUE(view.all().allclose(set.examples.dense.to(at::kFloat) / 255, 0, 1e-7));
  EXPECT_TRUE(
      view.rows(at::tensor({8, 2}, at::kLong)).equal(view.all().index_select(0, at::tensor({8, 2}, at::kLong))));
}

TEST(View, AugmentedRowsAreTheRowsWhenNothingIsAugmented) {
  const Dataset set = pictures();
  const Tensor indices = at::arange(9, at::kLong);
  const View plain(set, Pipeline::fit({"unit"}, set, Randomness(0)));
  EXPECT_TRUE(plain.augmented_rows(indices, 0, Randomness(1).stream("augment")).equal(plain.all()));
  const View moving(set, plain.pipeline(), {.shift = 2});
  EXPECT_FALSE(moving.augmented_rows(indices, 0, Randomness(1).stream("augment")).equal(plain.all()));
  EXPECT_TRUE(moving.rows(indices).equal(plain.all()));
}

}  // namespace
}  // namespace cleave::data
