// Agglomerative clustering, DBSCAN and HDBSCAN as methods: what the functions beneath them say, and new examples.
#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/classical/agglomerative.h"
#include "cleave/classical/dbscan.h"
#include "cleave/classical/hdbscan.h"
#include "cleave/classical/pca.h"
#include "cleave/models/registry.h"
#include "tests/support/raises.h"

namespace cleave::models {
namespace {

struct Noted : model::Observer {
  void note(const std::string& text) override { notes.push_back(text); }
  bool should_stop() override { return stop || asked++ == patience; }
  std::vector<std::string> notes;
  bool stop = false;
  int64_t patience = -1, asked = 0;  // how often it goes on when asked; below 0 for ever
};

/// Three groups far apart, [N, 6], and their number.
data::Dataset groups(int64_t n = 300) {
  data::Dataset dataset;
  dataset.labels = at::arange(n, at::kLong) % 3;
  Tensor centres = 20 * at::eye(3, 6);
  dataset.examples.dense = centres.index_select(0, dataset.labels) + at::randn({n, 6}, Randomness(1).stream("groups"));
  dataset.shape = {6};
  return dataset;
}

struct Fit {
  Fit(const std::string& name, const data::Dataset& dataset, const Settings& settings) : view(dataset, {}) {
    const model::Method& method = find_method(name);
    model = method.make(method.resolve(settings, view.describe()), view.describe(), Randomness(7));
  }
  model::Iteration iterate() { return model->iterate(model->stages().at(0), {}, {view, Randomness(7), observer}); }
  int64_t clusters() const { return model->facets().at(0).clusters; }
  Tensor labels(const Tensor& x) const { return model->infer(x).y[0]; }

  data::View view;
  Noted observer;
  std::shared_ptr<model::Model> model;
};

struct Case {
  std::string method;
  Settings settings;
};

struct HierarchyMethod : testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(, HierarchyMethod,
                         testing::Values(Case{"agglomerative", {{"clusters", 3}}},
                                         Case{"dbscan", {{"eps", 3.0}, {"min_points", 4}}},
                                         Case{"hdbscan", {{"min_cluster_size", 20}, {"min_points", 4}}}),
                         [](const auto& test) { return test.param.method; });

TEST_P(HierarchyMethod, FindsGroupsAndPutsNewExamplesIntoTheNearest) {
  data::Dataset dataset = groups();
  Fit fit(GetParam().method, dataset, GetParam().settings);
  EXPECT_TRUE(fit.iterate().finished);
  ASSERT_EQ(fit.clusters(), 3);
  EXPECT_TRUE(fit.labels(fit.view.all()).equal(dataset.labels));
  EXPECT_TRUE(fit.labels(20 * at::eye(3, 6) + 0.01).equal(at::arange(3)));
  bool leaves_out = GetParam().method != "agglomerative";
  Tensor far = at::full({1, 6}, 1000.0F);
  EXPECT_EQ((fit.model->responsibilities(far).sum() == 0).item<bool>(), leaves_out);
  EXPECT_EQ((fit.labels(far) == -1).item<bool>(), leaves_out);
}

TEST_P(HierarchyMethod, WideDataAreReducedAndItIsSaid) {
  data::Dataset dataset = groups();
  Settings settings = GetParam().settings;
  settings["pca_dim"] = 2;
  Fit fit(GetParam().method, dataset, settings);
  fit.iterate();
  ASSERT_FALSE(fit.observer.notes.empty());
  EXPECT_NE(fit.observer.notes[0].find("6 features are reduced to 2"), std::string::npos);
  Tensor x = fit.view.all();
  EXPECT_TRUE(fit.model->embed(x).equal(classical::fit_pca(x, 2).transform(x)));
  EXPECT_TRUE(fit.labels(x).equal(dataset.labels));
}

TEST_P(HierarchyMethod, StopsWhenAskedWithItsBuffersAsTheyWere) {
  data::Dataset dataset = groups();
  Fit fit(GetParam().method, dataset, GetParam().settings), fresh(GetParam().method, dataset, GetParam().settings);
  fit.observer.stop = true;
  EXPECT_THROW(fit.iterate(), Interrupted);
  auto before = fresh.model->named_buffers();
  for (const auto& item : fit.model->named_buffers())
    EXPECT_TRUE(item.value().equal(before[item.key()])) << item.key();
}

TEST(AgglomerativeMethod, CutsAtAHeightAndKeepsItsTree) {
  data::Dataset dataset = groups();
  Fit fit("agglomerative", dataset, {{"height", 40}, {"linkage", "ward"}});
  fit.iterate();
  classical::MergeTree tree = classical::agglomerate(fit.view.all());
  EXPECT_TRUE(fit.model->merge_tree().pairs.equal(tree.merges));
  EXPECT_TRUE(fit.model->merge_tree().heights.equal(tree.heights));
  EXPECT_TRUE(fit.labels(fit.view.all()).equal(classical::cut_at(tree, 40)));
  EXPECT_EQ(fit.clusters(), 3);
}

TEST(AgglomerativeMethod, MoreClustersThanExamplesAreRefused) {
  data::Dataset dataset = groups(5);
  Fit fit("agglomerative", dataset, {{"clusters", 6}});
  EXPECT_RAISES(fit.iterate(), ArgumentError, "6 clusters asked of 5 examples");
}

TEST(DbscanMethod, ChoosesEpsWhereNoneIsGivenAndSaysSo) {
  data::Dataset dataset = groups();
  Fit fit("dbscan", dataset, {{"min_points", 4}});
  fit.iterate();
  ASSERT_EQ(fit.observer.notes.size(), 1u);
  EXPECT_NE(fit.observer.notes[0].find("is the knee of the sorted distances to neighbour number 3"), std::string::npos);
  auto buffers = fit.model->named_buffers();
  EXPECT_EQ(buffers["eps"].item<double>(), classical::knee(classical::core_distance_curve(fit.view.all(), 4)));
  EXPECT_EQ(fit.clusters(), 3);
}

TEST(DbscanMethod, AStoppedFitHasSaidNothingThatItWillSayAgain) {
  data::Dataset dataset = groups();
  int64_t patience = 0;
  for (bool stopped = true; stopped; ++patience) {
    Fit fit("dbscan", dataset, {{"min_points", 4}});
    fit.observer.patience = patience;
    try {
      fit.iterate();
      stopped = false;
    } catch (const Interrupted&) {
      EXPECT_TRUE(fit.observer.notes.empty()) << "asked " << fit.observer.asked << " times";
    }
  }
  EXPECT_GT(patience, 2) << "it is asked before and after eps is chosen";
}

TEST(DbscanMethod, WithoutACoreAllIsNoiseInOneEmptyCluster) {
  data::Dataset dataset = groups();
  Fit fit("dbscan", dataset, {{"eps", 1e-4}});
  fit.iterate();
  EXPECT_EQ(fit.clusters(), 1);
  EXPECT_TRUE(fit.model->responsibilities(fit.view.all()).equal(at::zeros({300, 1})));
  EXPECT_TRUE(fit.model->responsibilities(fit.view.all() + 0.01).equal(at::zeros({300, 1}))) << "new examples";
}

TEST(HdbscanMethod, OneLumpIsNoiseInOneEmptyClusterAndItIsSaid) {
  data::Dataset dataset = groups();
  dataset.examples.dense.zero_();
  Fit fit("hdbscan", dataset, {});
  fit.iterate();
  EXPECT_EQ(fit.clusters(), 1);
  EXPECT_EQ(fit.observer.notes.back(), "the data are of one lump: all examples are noise");
  EXPECT_TRUE(fit.model->responsibilities(fit.view.all()).equal(at::zeros({300, 1})));
  EXPECT_TRUE(fit.model->responsibilities(fit.view.all() + 0.01).equal(at::zeros({300, 1}))) << "new examples";
}

}  // namespace
}  // namespace cleave::models
