#include "cleave/report/explorable_map.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "cleave/base/error.h"
#include "tests/report/decoded_png.h"
#include "tests/report/markup.h"
#include "tests/support/linear_model.h"

namespace cleave::report {
namespace {

using testing::HasSubstr;
using testing::Not;

ExplorableMap three_points() {
  return {.title = "Map",
          .points = at::tensor({0.0, 0.0, 10.0, 5.0, 4.0, 2.0}).view({3, 2}),
          .rows = at::tensor({7, 8, 9}, at::kLong),
          .colourings = {{"label", at::tensor({0, 1, -1}, at::kLong), {"a", "b"}, {"#010203", "#040506"}}}};
}

/// What the script is called with.
nlohmann::json data_of(const Html& map) {
  std::string page = map.markup;
  size_t begin = page.rfind(")(\n") + 3;
  return nlohmann::json::parse(page.substr(begin, page.rfind(");</script>") - begin));
}

TEST(ExplorableMap, CarriesPointsRowsAndClasses) {
  Html map = explorable(three_points());
  nlohmann::json data = data_of(map);
  EXPECT_EQ(markup_error(without_scripts(map.markup)), "");
  // One unit is as long across as up, the longer side fills the range, and up is up: (0, 49151), (65535, 16384), ...
  auto two_bytes = [](std::initializer_list<int> values) {
    std::string bytes;
    for (int v : values)
      bytes += {static_cast<char>(v & 255), static_cast<char>(v >> 8)};
    return base64(bytes);
  };
  EXPECT_EQ(data["points"], two_bytes({0, 49151, 65535, 16384, 26214, 36044}));
  EXPECT_EQ(data["colourings"][0]["classes"], two_bytes({0, 1, 0xffff}));
  EXPECT_EQ(data["rows"], base64(std::string("\7\0\0\0\10\0\0\0\11\0\0\0", 12)));
  EXPECT_FALSE(data.contains("thumbnails"));
}

TEST(ExplorableMap, TakesNamesThatLookLikeMarkup) {
  ExplorableMap map = three_points();
  map.colourings[0].names[0] = "</script><b>\"'\\";
  std::string page = explorable(map).markup;
  EXPECT_EQ(count_of(page, "</script"), 1);
  EXPECT_EQ(data_of({page})["colourings"][0]["names"][0], "</script><b>\"'\\");
}

TEST(ExplorableMap, SurvivesPointsInOnePlaceAndRefusesPartsThatDoNotFit) {
  ExplorableMap map = three_points();
  map.points = at::ones({3, 2});
  EXPECT_NO_THROW(explorable(map));
  map.rows = at::arange(2);
  EXPECT_THROW(explorable(map), ArgumentError);
}

TEST(Thumbnails, AreTilesInOrderOfTheRows) {
  data::Dataset dataset = tests::square_images(10);
  Tensor rows = at::tensor({4, 2, 9, 0, 1}, at::kLong);
  Thumbnails small = thumbnails(dataset, rows);
  ASSERT_EQ(small.columns, 3);
  Tensor sheet = decoded(small.png, PNG_FORMAT_GRAY)[0];
  ASSERT_EQ(sheet.sizes(), (std::vector<int64_t>{8, 12}));
  Tensor third = sheet.slice(0, 0, 4).slice(1, 8, 12), fourth = sheet.slice(0, 4, 8).slice(1, 0, 4);
  auto stored = [&](int64_t row) { return dataset.examples.dense[row].view({4, 4}); };
  EXPECT_LE((third.to(at::kInt) - stored(9).to(at::kInt)).abs().max().item<int>(), 9);  // 16 levels
  EXPECT_LE((fourth.to(at::kInt) - stored(0).to(at::kInt)).abs().max().item<int>(), 9);
}

TEST(Thumbnails, ShrinkUntilTheyFit) {
  data::Dataset dataset = tests::square_images(10);
  dataset.examples.dense = at::full({10, 400}, 255, at::kByte);
  dataset.shape = {1, 20, 20};
  Thumbnails small = thumbnails(dataset, at::arange(10), /*pixels=*/1000);
  EXPECT_EQ(small.width, 10);
  EXPECT_EQ(small.height, 10);
  EXPECT_EQ(decoded(small.png, PNG_FORMAT_GRAY)[0][15][15].item<int>(), 255);
}

}  // namespace
}  // namespace cleave::report
