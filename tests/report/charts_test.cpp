#include "cleave/report/charts.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "cleave/base/error.h"
#include "cleave/report/axis.h"
#include "cleave/report/colour.h"
#include "tests/report/markup.h"

namespace cleave::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Ticks, AreRoundNumbersInsideTheLimits) {
  EXPECT_THAT(ticks(0, 1), ElementsAre(0, testing::DoubleEq(0.2), testing::DoubleEq(0.4), testing::DoubleEq(0.6),
                                       testing::DoubleEq(0.8), 1));
  EXPECT_THAT(ticks(-3, 12), ElementsAre(0, 5, 10));
  EXPECT_THAT(ticks(0, 3, 8, /*whole=*/true), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(ticks(5, 5), ElementsAre(5));
  EXPECT_EQ(ticks(0, std::numeric_limits<double>::infinity()).size(), 1);
  EXPECT_EQ(ticks(-19.159871211271383, -19.15987121127139).size(), 1);
  EXPECT_EQ(ticks(-19.15987121127139, -19.159871211271383).size(), 1);  // apart by rounding only
}

TEST(Ticks, CoverEveryMagnitudeWithAHandfulOfValues) {
  for (double magnitude = 1e-9; magnitude < 1e12; magnitude *= 3.7) {
    std::vector<double> values = ticks(0.31 * magnitude, 1.7 * magnitude);
    EXPECT_GE(values.size(), 2) << magnitude;
    EXPECT_LE(values.size(), 9) << magnitude;
    EXPECT_GE(values.front(), 0.31 * magnitude * (1 - 1e-6));
    EXPECT_LE(values.back(), 1.7 * magnitude * (1 + 1e-6));
  }
}

TEST(Ticks, LabelsShareTheirDecimals) {
  EXPECT_THAT(tick_labels({0, 0.5, 1}), ElementsAre("0.0", "0.5", "1.0"));
  EXPECT_THAT(tick_labels({0, 20000}), ElementsAre("0", "20\u202f000"));
  EXPECT_THAT(tick_labels({0, 0.00002}), ElementsAre("0", "2e-05"));
}

TEST(Numbers, ReadAsAPersonWritesThem) {
  EXPECT_EQ(grouped(1234), "1234");
  EXPECT_EQ(grouped(-1234567), "-1\u202f234\u202f567");
  EXPECT_EQ(percent(0.1234), "12\u202f%");
  EXPECT_EQ(percent(0.0123), "1.2\u202f%");
  EXPECT_EQ(percent(0.9456), "94.6\u202f%");
  EXPECT_EQ(brief_number(0.123456), "0.1235");
}

TEST(Colours, AreDistinctHoweverManyAreAsked) {
  for (int64_t count : {1, 10, 11, 40}) {
    std::vector<std::string> colours = categorical_colours(count);
    EXPECT_EQ(static_cast<int64_t>(colours.size()), count);
    EXPECT_EQ(static_cast<int64_t>(std::set(colours.begin(), colours.end()).size()), count);
    EXPECT_THAT(colours, testing::Each(testing::MatchesRegex("#[0-9a-f]{6}")));
  }
}

TEST(LineChart, IsWellFormedAndNamesItsSeriesSafely) {
  LineChart chart{.title = "Loss",
                  .x_label = "epoch",
                  .y_label = "nats",
                  .series = {},
                  .boundaries = {},
                  .y_low = {},
                  .y_high = {},
                  .reference = {}};
  chart.series.push_back({"<script>alert(1)</script>", {0, 1, 2}, {3, 2, 1.5}});
  chart.boundaries.push_back({1, "joint & more"});
  std::string svg = draw(chart);
  EXPECT_EQ(markup_error(svg), "");
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(svg, HasSubstr("joint &amp; more"));
}

TEST(LineChart, LeavesAGapWhereAValueIsNotFinite) {
  LineChart chart;
  chart.series.push_back({"a", {0, 1, 2, 3}, {1, std::nan(""), 3, 4}});
  std::string svg = draw(chart);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  size_t line = svg.find("<path d=\"M");
  std::string commands = svg.substr(line, svg.find('"', line + 9) - line);
  EXPECT_EQ(std::count(commands.begin(), commands.end(), 'M'), 2);
}

TEST(LineChart, OfNothingOrOfOnePointStillDraws) {
  LineChart chart;
  EXPECT_EQ(markup_error(draw(chart)), "");
  chart.series.push_back({"a", {4}, {2}});
  EXPECT_EQ(markup_error(draw(chart)), "");
  chart.series[0].y.clear();
  EXPECT_THROW(draw(chart), ArgumentError);
}

TEST(BarChart, DrawsOneBarPerValueWithAHeightInProportion) {
  BarChart chart{.title = "Sizes",
                 .x_label = "cluster",
                 .y_label = "share",
                 .names = {"0", "1"},
                 .values = {1, 0.5},
                 .labels = {"50", "25"},
                 .colours = {},
                 .reference = 0.5};
  std::string svg = draw(chart);
  EXPECT_EQ(markup_error(svg), "");
  std::vector<double> heights;
  for (size_t at = svg.find("<rect"); at != std::string::npos; at = svg.find("<rect", at + 1)) {
    heights.push_back(std::stod(svg.substr(svg.find("height=\"", at) + 8)));
  }
  ASSERT_EQ(heights.size(), 2);
  EXPECT_NEAR(heights[0], 2 * heights[1], 0.11);
  chart.values.pop_back();
  EXPECT_THROW(draw(chart), ArgumentError);
}

TEST(HeatMap, WritesEveryCellAndEscapesItsNames) {
  HeatMap map{.title = "Confusion",
              .x_label = "label",
              .y_label = "cluster",
              .row_names = {"0", "<b>"},
              .column_names = {"x", "y", "z"},
              .amounts = at::tensor({0., 0.5, 1., 1., 0., -1.}).view({2, 3}),
              .texts = {{"0", "5", "10"}, {"7", "0", "3"}}};
  std::string svg = draw(map);
  EXPECT_EQ(markup_error(svg), "");
  EXPECT_THAT(svg, HasSubstr("&lt;b&gt;"));
  EXPECT_EQ(count_of(svg, "<rect"), 6);
  EXPECT_THAT(svg, HasSubstr(">10</text>"));
  map.column_names.pop_back();
  EXPECT_THROW(draw(map), ArgumentError);
}

TEST(Scatter, SpendsFewBytesPerPointAndCountsItsClasses) {
  at::Generator generator = Randomness(1).stream("points");
  Scatter scatter{.title = "Map",
                  .x_label = "",
                  .y_label = "",
                  .points = at::randn({4000, 2}, generator),
                  .classes = at::arange(4000) % 5 - 1,
                  .names = {"a", "b", "c", "d"},
                  .colours = {}};
  std::string svg = draw(scatter);
  EXPECT_EQ(markup_error(svg), "");
  EXPECT_LT(svg.size(), 4000 * 16);
  EXPECT_EQ(count_of(svg, "(800)"), 5);  // four classes and the unnamed rest
  EXPECT_EQ(count_of(svg, "h0"), 4000 + 5);
  scatter.counts = false;
  EXPECT_EQ(count_of(draw(scatter), "  ("), 0);
}

TEST(Scatter, KeepsTheShapeOfItsPoints) {
  // One unit across is one unit up: the corners of a square stay a square.
  Scatter scatter{.title = "",
                  .x_label = "",
                  .y_label = "",
                  .points = at::tensor({0., 0., 0., 1., 1., 0., 1., 1.}).view({4, 2}),
                  .classes = at::zeros({4}, at::kLong),
                  .names = {"a"},
                  .colours = {}};
  std::string svg = draw(scatter);
  std::vector<std::pair<double, double>> corners;
  for (size_t at = svg.find("d=\"M"); corners.size() < 4; at = svg.find("d=\"M", at + 1)) {
    size_t used = 0;
    double x = std::stod(svg.substr(at + 4), &used);
    corners.emplace_back(x, std::stod(svg.substr(at + 4 + used)));
  }
  EXPECT_NEAR(corners[2].first - corners[0].first, corners[0].second - corners[1].second, 0.2);
}

TEST(Scatter, OfPointsThatAreNotFiniteOrHaveNoNameIsAnErrorOrLeavesThemOut) {
  Scatter scatter{.title = "",
                  .x_label = "",
                  .y_label = "",
                  .points = at::full({3, 2}, std::nan("")),
                  .classes = at::zeros({3}, at::kLong),
                  .names = {"a"},
                  .colours = {}};
  EXPECT_EQ(markup_error(draw(scatter)), "");
  scatter.names.clear();
  EXPECT_THROW(draw(scatter), ArgumentError);
}

}  // namespace
}  // namespace cleave::report
