#include "cleave/report/clique_figure.h"

#include <gmock/gmock.h>

#include "cleave/base/error.h"
#include "tests/report/markup.h"

namespace cleave::report {
namespace {

/// Two triangles with a corner in common, and a node on its own.
CliqueFigure bow_tie() {
  return {.title = "Bow tie",
          .points = at::tensor({0., 0., 1., .5, 1., -.5, -1., .5, -1., -.5, 2., 2.}).view({6, 2}),
          .edges = at::tensor({0, 1, 0, 2, 1, 2, 0, 3, 0, 4, 3, 4}, at::kLong).view({6, 2}),
          .groups = {{0, 1, 2}, {0, 3, 4}},
          .colours = {"#111111", "#222222"}};
}

TEST(CliqueFigure, ShowsASharedNodeInBothColoursAndALoneOneInGrey) {
  std::string svg = draw(bow_tie());
  EXPECT_EQ(markup_error(svg), "");
  EXPECT_EQ(count_of(svg, "opacity=\".28\""), 2);          // hulls
  EXPECT_EQ(count_of(svg, "h0"), 6);                       // nodes
  EXPECT_EQ(count_of(svg, "<path d=\"M"), 2 + 1 + 6 + 1);  // hulls, edges, nodes, one slice
  EXPECT_EQ(count_of(svg, "stroke=\"#9aa0a6\""), 1);
  EXPECT_EQ(count_of(svg, "fill=\"#222222\"/>"), 1);  // the slice of the second clique in the shared node
}

TEST(CliqueFigure, DrawsGroupsOfTwoAndOfPointsOnALine) {
  CliqueFigure figure = bow_tie();
  figure.points = at::stack({at::arange(6), at::zeros({6}, at::kLong)}, 1);
  figure.groups = {{0, 1}, {2, 3, 4}, {5}};
  figure.colours = {};
  std::string svg = draw(figure);
  EXPECT_EQ(markup_error(svg), "");
  EXPECT_EQ(count_of(svg, "opacity=\".28\""), 3);
  figure.shaded = false;
  EXPECT_EQ(count_of(draw(figure), "opacity=\".28\""), 0);
}

TEST(CliqueFigure, LeavesOutNodesThatAreNotFiniteAndRefusesOnesThatAreNot) {
  CliqueFigure figure = bow_tie();
  figure.points[1][0] = std::nan("");
  EXPECT_EQ(markup_error(draw(figure)), "");
  EXPECT_EQ(count_of(draw(figure), "h0"), 5);
  figure.groups[0][0] = 6;
  EXPECT_THROW(draw(figure), ArgumentError);
  figure = bow_tie();
  figure.edges[0][0] = -1;
  EXPECT_THROW(draw(figure), ArgumentError);
}

}  // namespace
}  // namespace cleave::report
