#include "cleave/report/dendrogram.h"

#include <gmock/gmock.h>

#include "cleave/base/error.h"
#include "cleave/report/run_report.h"
#include "tests/report/markup.h"
#include "tests/support/linear_model.h"

namespace cleave::report {
namespace {

using testing::HasSubstr;
using testing::Not;

/// ((0 1) (2 3)) 4, clusters {0 1}, {2 3}, {4}.
Dendrogram small() {
  Dendrogram chart;
  chart.title = "Tree <of> merges";
  chart.merges = at::tensor({0, 1, 2, 3, 5, 6, 4, 7}, at::kLong).view({4, 2});
  chart.heights = at::tensor({1.0, 2.0, 5.0, 8.0}, at::kDouble);
  chart.clusters = at::tensor({0, 0, 1, 1, 2}, at::kLong);
  chart.colours = {"#aa0000", "#00aa00", "#0000aa"};
  return chart;
}

/// A chain: example t + 1 joins at height t + 1.
Dendrogram chain(int64_t n) {
  Dendrogram chart;
  Tensor step = at::arange(n - 1, at::kLong);
  chart.merges = at::stack({step + 1, at::where(step == 0, 0, n - 1 + step)}, 1);
  chart.heights = (step + 1).to(at::kDouble);
  chart.clusters = at::zeros({n}, at::kLong);
  return chart;
}

TEST(Dendrogram, DrawsABracketPerMergeInTheColourOfItsCluster) {
  std::string svg = draw(small());
  EXPECT_EQ(markup_error(svg), "");
  EXPECT_THAT(svg, HasSubstr("Tree &lt;of&gt; merges"));
  EXPECT_EQ(count_of(svg, "stroke=\"#aa0000\" stroke-width"), 1);
  EXPECT_EQ(count_of(svg, "stroke=\"#00aa00\" stroke-width"), 1);
  EXPECT_EQ(count_of(svg, "fill=\"#0000aa\""), 1) << "a cluster of one example has a bar and no bracket";
  EXPECT_THAT(svg, Not(HasSubstr("fill-opacity"))) << "every example has its leaf: there are no wedges";
}

TEST(Dendrogram, NamesLeavesAndShowsTheCut) {
  Dendrogram chart = small();
  chart.names = {"ada", "bob", "cy & co", "dan", "a name of many letters"};
  chart.cut = 3;
  chart.cut_label = "cut: 3 clusters";
  std::string svg = draw(chart);
  EXPECT_EQ(markup_error(svg), "");
  for (const char* text :
       {">ada<", "cy &amp; co", "a name of many \u2026", "cut: 3 clusters", "stroke-dasharray=\"6 4\""})
    EXPECT_THAT(svg, HasSubstr(text));
  EXPECT_LT(svg.find(">a name of"), svg.find(">ada<")) << "the smaller part stands first";
}

TEST(Dendrogram, OfManyExamplesDrawsTheLastMergesOverWedges) {
  Dendrogram chart = chain(1000);
  chart.leaves = 10;
  std::string svg = draw(chart);
  EXPECT_EQ(markup_error(svg), "");
  EXPECT_EQ(count_of(svg, "fill-opacity"), 1) << "nine single examples and one wedge of the rest";
  EXPECT_THAT(svg, HasSubstr(">991<"));
  EXPECT_THAT(svg, HasSubstr("991 examples, merged up to height 990"));
  EXPECT_LT(draw(chain(100000)).size(), 20000);
}

TEST(Dendrogram, SmallestAndFlatTreesWork) {
  Dendrogram chart = chain(2);
  EXPECT_EQ(markup_error(draw(chart)), "");
  chart.heights.zero_();
  chart.clusters.fill_(-1);
  EXPECT_EQ(markup_error(draw(chart)), "");
}

struct ModelWithATree : tests::LinearModel {
  explicit ModelWithATree(int64_t n) : n_(n) {}
  model::Merges merge_tree() const override {
    Dendrogram of_all = chain(n_);
    return {of_all.merges, of_all.heights};
  }
  int64_t n_;
};

TEST(Dendrogram, StandsInTheReportOfAMethodThatHasATree) {
  data::Dataset dataset = tests::square_images(200);
  data::View view = tests::unit_view(dataset);
  model::Method method;
  method.name = "tree";
  // A tree of other examples than those of the report has no place in it.
  for (int64_t n : {int64_t{200}, int64_t{150}}) {
    ModelWithATree model(n);
    Report report = run_report({.model = model, .method = method, .dataset = dataset, .view = view});
    EXPECT_EQ(count_of(report.html, "<h2>Tree of merges"), n == 200 ? 1 : 0);
    bool kept = std::any_of(report.figures.begin(), report.figures.end(),
                            [](const Figure& figure) { return figure.name == "dendrogram.svg"; });
    EXPECT_EQ(kept, n == 200);
  }
}

TEST(Dendrogram, RefusesWhatDoesNotFit) {
  Dendrogram chart = small();
  chart.names = {"one"};
  EXPECT_THROW(draw(chart), ArgumentError);
  chart = small();
  chart.clusters = at::zeros({4}, at::kLong);
  EXPECT_THROW(draw(chart), ArgumentError);
  chart = small();
  chart.merges[0][0] = 7;
  EXPECT_THROW(draw(chart), ArgumentError);
  EXPECT_THROW(draw(Dendrogram{}), ArgumentError);
}

}  // namespace
}  // namespace cleave::report
