// Graph clustering as a method: its three kinds of clusters, new examples, and what goes wrong.
#include "cleave/classical/graph.h"

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/classical/leiden.h"
#include "cleave/models/registry.h"
#include "tests/support/raises.h"
#include "tests/support/reference.h"

namespace cleave::models {
namespace {

struct Silent : model::Observer {
  void note(const std::string& text) override { notes.push_back(text); }
  bool should_stop() override { return false; }
  std::vector<std::string> notes;
};

data::Dataset table(const Tensor& x) {
  data::Dataset dataset;
  dataset.examples.dense = x.to(at::kFloat).contiguous();
  dataset.shape = {x.size(1)};
  return dataset;
}

/// `count` groups of `size` rows each, far apart.
Tensor groups(int64_t count, int64_t size, int64_t width = 3) {
  Tensor which = at::arange(count).repeat_interleave(size).unsqueeze(1);
  return at::randn({count * size, width}, Randomness(2).stream("groups")) + 100 * which;
}

struct Fitted {
  Fitted(const Tensor& x, const Settings& settings) : dataset(table(x)), view(dataset, {}) {
    const model::Method& method = find_method("graph");
    model = method.make(method.resolve(settings, view.describe()), view.describe(), Randomness(1));
    model::Stage stage = model->stages().at(0);
    bool finished = false;
    for (int64_t epoch = 0; epoch < stage.epochs && !finished; ++epoch)
      finished =
          model->iterate(stage, {.epoch = epoch, .epochs = stage.epochs}, {view, Randomness(7), observer}).finished;
    EXPECT_TRUE(finished);
  }
  Tensor clusters(const Tensor& x) { return model->infer(x.to(at::kFloat)).y[0]; }
  Tensor own() { return clusters(view.all()); }
  Tensor shares() { return model->responsibilities(view.all()); }
  int64_t count() { return model->facets().at(0).clusters; }

  data::Dataset dataset;
  data::View view;
  Silent observer;
  std::shared_ptr<model::Model> model;
};

TEST(GraphMethod, LeidenGivesWhatTheFunctionGivesAndFindsTheGroups) {
  Tensor x = groups(5, 40);
  Fitted fit(x, {{"neighbours", 10}, {"resolution", 0.05}});
  EXPECT_EQ(fit.count(), 5);
  EXPECT_TRUE(classical::numbered_by_size(fit.own()).equal(at::arange(5).repeat_interleave(40)));
  EXPECT_GT(fit.model->named_buffers()["quality"].item<double>(), 0.7);
}

TEST(GraphMethod, ComponentsOfAnEpsGraphLeaveLoneExamplesOut) {
  Tensor x = at::cat({groups(3, 20), at::full({1, 3}, -500.0F)});
  Fitted fit(x, {{"communities", "components"}, {"eps", 10}});
  EXPECT_EQ(fit.count(), 3);
  EXPECT_TRUE(fit.own().equal(at::cat({at::arange(3).repeat_interleave(20), at::tensor({-1})})));
  EXPECT_EQ(fit.shares()[60].sum().item<double>(), 0);
  ASSERT_EQ(fit.observer.notes.size(), 1u);
  EXPECT_NE(fit.observer.notes[0].find("1 of 61 examples are noise"), std::string::npos);
}

TEST(GraphMethod, CliquesOverlapInEqualParts) {
  // Two triangles of the eps graph share the point at the origin; the last point has nobody.
  Tensor x = at::tensor({0.F, 0.F, 1.F, .5F, 1.F, -.5F, -1.F, .5F, -1.F, -.5F, 9.F, 9.F}).view({6, 2});
  Fitted fit(x, {{"communities", "cliques"}, {"eps", 1.2}});
  EXPECT_EQ(fit.count(), 2);
  Tensor expected = at::tensor({.5F, .5F, 1.F, 0.F, 1.F, 0.F, 0.F, 1.F, 0.F, 1.F, 0.F, 0.F}).view({6, 2});
  EXPECT_TRUE(fit.shares().equal(expected));
  EXPECT_EQ(fit.own()[5].item<int64_t>(), -1);
  EXPECT_EQ(fit.model->named_buffers()["edges"].size(0), 6);

  Fitted larger(x, {{"communities", "cliques"}, {"eps", 1.2}, {"min_members", 4}});
  EXPECT_EQ(larger.count(), 1);  // an empty one: a facet needs a cluster
  EXPECT_EQ(larger.shares().sum().item<double>(), 0);
}

TEST(GraphMethod, TheWantedNumberOfCommunitiesIsSearched) {
  Tensor x = groups(4, 50);
  Fitted fit(x, {{"neighbours", 10}, {"clusters", 4}});
  EXPECT_EQ(fit.count(), 4);
  EXPECT_TRUE(fit.own().equal(at::arange(4).repeat_interleave(50)));
  EXPECT_TRUE(fit.observer.notes.empty());
  Fitted fewer(x, {{"neighbours", 10}, {"clusters", 3}});  // four components cannot be three communities
  EXPECT_EQ(fewer.count(), 4);
  EXPECT_NE(fewer.observer.notes.at(0).find("no resolution gives 3 communities: 4 is the nearest"), std::string::npos);
  EXPECT_RAISES(Fitted(x, {{"communities", "components"}, {"clusters", 3}}), ArgumentError, "communities = leiden");
  Fitted potts(x, {{"neighbours", 10}, {"clusters", 4}, {"objective", "cpm"}});
  EXPECT_TRUE(potts.own().equal(at::arange(4).repeat_interleave(50)));
}

TEST(GraphMethod, NewExamplesGoWithTheirNeighbours) {
  Tensor x = groups(4, 30);
  Tensor strange = at::tensor({1.F, 1.F, 1.F, 301.F, 299.F, 300.F, 1e4F, 1e4F, 1e4F}).view({3, 3});
  Fitted fit(x, {{"neighbours", 10}, {"clusters", 4}});
  EXPECT_TRUE(fit.clusters(strange).equal(at::tensor({0, 3, 3})));
  Fitted within(x, {{"communities", "components"}, {"eps", 15}});
  EXPECT_TRUE(within.clusters(strange).equal(at::tensor({0, 3, -1})));  // the last is within eps of nobody
  Fitted cliques(x, {{"communities", "cliques"}, {"eps", 15}});
  EXPECT_TRUE(cliques.clusters(strange).equal(at::tensor({0, 3, -1})));
}

TEST(GraphMethod, WideDataAreReducedAndSayHowMuchRemains) {
  Tensor x = groups(3, 30, 80);
  Fitted fit(x, {{"pca_dim", 5}, {"clusters", 3}});
  EXPECT_EQ(fit.model->embed(fit.view.all()).size(1), 5);
  EXPECT_TRUE(fit.own().equal(at::arange(3).repeat_interleave(30)));
  EXPECT_NE(fit.observer.notes.at(0).find("5 principal components"), std::string::npos);
  Fitted whole(x, {{"pca_dim", 0}, {"clusters", 3}});
  EXPECT_TRUE(whole.model->embed(whole.view.all()).equal(whole.view.all()));
}

TEST(GraphMethod, SmallAndOddDataEndInAnAnswer) {
  for (const char* communities : {"leiden", "components", "cliques"}) {
    Fitted one(at::ones({1, 2}), {{"communities", communities}});
    EXPECT_EQ(one.own()[0].item<int64_t>(), -1) << communities;  // alone it is fewer than min_members
    Fitted alone(at::ones({1, 2}), {{"communities", communities}, {"min_members", 1}});
    EXPECT_EQ(alone.own()[0].item<int64_t>(), 0) << communities;
    Fitted few(at::tensor({0.F, 1.F, 2.F}).view({3, 1}), {{"communities", communities}, {"neighbours", 15}});
    EXPECT_TRUE(few.own().equal(at::zeros({3}, at::kLong))) << communities;
    Fitted equal(at::ones({30, 2}), {{"communities", communities}, {"eps", 0.5}});
    EXPECT_TRUE(equal.own().equal(at::zeros({30}, at::kLong))) << communities;
  }
  Fitted constant(at::ones({20, 60}), {});
  EXPECT_EQ(constant.count(), constant.own().max().item<int64_t>() + 1);
  Tensor x = groups(2, 10);
  x[3][0] = std::numeric_limits<float>::infinity();
  EXPECT_RAISES(Fitted(x, {}), DataError, "not finite");
  EXPECT_RAISES(Fitted(x, {{"eps", 1}}), DataError, "not finite");
}

}  // namespace
}  // namespace cleave::models
