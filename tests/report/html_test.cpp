#include "cleave/report/html.h"

#include <regex>

#include <gmock/gmock.h>

#include "cleave/base/error.h"
#include "cleave/report/png.h"
#include "tests/report/decoded_png.h"
#include "tests/report/markup.h"

namespace cleave::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Png, DecodesToThePixelsGiven) {
  at::Generator generator = Randomness(2).stream("pixels");
  const std::vector<std::pair<int64_t, png_uint_32>> formats = {
      {1, PNG_FORMAT_GRAY}, {2, PNG_FORMAT_GA}, {3, PNG_FORMAT_RGB}, {4, PNG_FORMAT_RGBA}};
  for (auto [channels, format] : formats) {
    Tensor image = at::randint(0, 256, {channels, 5, 7}, generator, at::kByte);
    EXPECT_TRUE(at::equal(decoded(png(image), format), image)) << channels << " channels";
  }
  EXPECT_THROW(png(at::zeros({5, 2, 2}, at::kByte)), ArgumentError);
  EXPECT_THROW(png(at::zeros({1, 2, 2})), ArgumentError);
}

TEST(ImageGrid, PlacesEveryTileAndLeavesGapsAndMissingOnesTransparent) {
  Tensor tiles = at::zeros({2, 2, 1, 3, 3});
  tiles[0][1].fill_(1);
  tiles[1][0].fill_(0.5);
  tiles[1][1].fill_(std::nan(""));
  ImageGrid grid = image_grid(tiles);
  EXPECT_EQ(grid.width, 8);
  EXPECT_EQ(grid.height, 8);
  EXPECT_EQ(grid.scale, 19);
  Tensor pixels = decoded(grid.png, PNG_FORMAT_GA);  // [grey and opacity, H, W]
  auto at_pixel = [&](int64_t channel, int64_t y, int64_t x) { return pixels[channel][y][x].item<int>(); };
  EXPECT_EQ(at_pixel(0, 0, 0), 0);
  EXPECT_EQ(at_pixel(0, 1, 5), 255);
  EXPECT_EQ(at_pixel(0, 6, 2), 128);
  EXPECT_EQ(at_pixel(1, 0, 0), 255);
  EXPECT_EQ(at_pixel(1, 0, 3), 0);  // gap
  EXPECT_EQ(at_pixel(1, 5, 5), 0);  // missing
}

TEST(ImageGrid, ShrinksLargeImagesAndTakesColour) {
  ImageGrid grid = image_grid(at::full({1, 2, 3, 192, 168}, 0.25), /*gap=*/0);
  EXPECT_EQ(grid.height, 96);
  EXPECT_EQ(grid.width, 2 * 84);
  EXPECT_EQ(decoded(grid.png, PNG_FORMAT_RGBA)[2][50][80].item<int>(), 64);
  EXPECT_THROW(image_grid(at::zeros({3, 28, 28})), ArgumentError);
}

TEST(Html, EscapesEveryString) {
  const std::string nasty = "<script>alert('\"&')</script>";
  Page page(nasty, nasty);
  LabelledGrid grid{image_grid(at::zeros({1, 1, 1, 2, 2})), nasty, nasty};
  page.section(nasty, paragraph(text(nasty)) + strong(nasty) + code(nasty) + code_block(nasty) + subheading(nasty) +
                          facts({{nasty, text(nasty)}}) + key_figures({{nasty, nasty, nasty}}) +
                          table({{nasty}, {{text(nasty)}}}) + labelled_grids({text(nasty)}, {grid}));
  std::string html = page.finish();
  EXPECT_EQ(markup_error(html), "");
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("alert('")));
  EXPECT_GE(count_of(html, "&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;"), 17);
}

TEST(Html, LoadsNothingFromElsewhere) {
  Page page("a", "b");
  page.section("c", figure(labelled_grids({text("row")}, {{image_grid(at::zeros({1, 1, 1, 2, 2})), "", ""}}), {}));
  std::string html = page.finish();
  EXPECT_FALSE(std::regex_search(html, std::regex(R"((src|href)\s*=\s*"(?!data:|#))")));
  EXPECT_FALSE(std::regex_search(html, std::regex(R"(url\(|@import|<link|<iframe|<script)")));
}

TEST(Html, ContentsListEverySectionThatHasContent) {
  Page page("a", "b");
  page.section("first", text("x"));
  page.section("absent", {});
  page.section("second", text("y"));
  std::string html = page.finish();
  EXPECT_THAT(html, HasSubstr("<a href=\"#s2\">second</a>"));
  EXPECT_THAT(html, HasSubstr("<section id=\"s2\">"));
  EXPECT_THAT(html, Not(HasSubstr("absent")));
}

TEST(Html, TablesSetNumbersFlushRight) {
  std::string html = table({{"name", "value"},
                            {{text("a"), text("1.5")}, {text("b"), text("-3 \u00b1 1")}, {text("4 words"), text("")}}})
                         .markup;
  EXPECT_THAT(html, HasSubstr("<td class=\"number\">1.5"));
  EXPECT_THAT(html, HasSubstr("<td>a"));
  EXPECT_THROW(table({{"one"}, {{text("a"), text("b")}}}), ArgumentError);
}

TEST(Base64, MatchesTheExamplesOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe"), "//4=");
}

}  // namespace
}  // namespace cleave::report
