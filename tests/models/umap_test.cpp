// UMAP as a method: what it says of the examples of its fit and of others.
#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/classical/nearest.h"
#include "cleave/models/registry.h"
#include "tests/support/raises.h"

namespace cleave::models {
namespace {

struct Silent : model::Observer {
  void note(const std::string& text) override { notes.push_back(text); }
  bool should_stop() override { return stop; }
  std::vector<std::string> notes;
  bool stop = false;
};

/// Three groups of examples of `width` features; those of one seed follow the law of those of another.
data::Dataset groups(int64_t n, int64_t width, uint64_t seed) {
  data::Dataset dataset;
  dataset.examples.dense =
      at::randn({n, width}, Randomness(seed).stream("groups")) + 8 * (at::arange(n) % 3).unsqueeze(1);
  dataset.shape = {width};
  return dataset;
}

struct Fit {
  Fit(const data::Dataset& dataset, const Settings& settings)
      : view(dataset, {}), resolved(find_method("umap").resolve(settings, view.describe())) {
    model = find_method("umap").make(resolved, view.describe(), random);
  }
  bool iterate() {
    model::Stage stage = model->stages().at(0);
    return model->iterate(stage, {.epoch = done++, .epochs = stage.epochs}, {view, random, observer}).finished;
  }
  Randomness random{7};
  data::View view;
  Settings resolved;
  Silent observer;
  std::shared_ptr<model::Model> model;
  int64_t done = 0;
};

TEST(UmapMethod, AnswersWithTheMapAndPlacesNewExamplesAmongTheirKind) {
  data::Dataset dataset = groups(300, 60, 1), others = groups(60, 60, 2);
  Fit fit(dataset, {{"epochs", 60}});
  while (!fit.iterate()) {
  }
  EXPECT_EQ(fit.done, 60);
  ASSERT_EQ(fit.observer.notes.size(), 1u);
  EXPECT_NE(fit.observer.notes[0].find("50 principal components"), std::string::npos);
  Tensor map = fit.model->embed(fit.view.all());
  EXPECT_TRUE(map.equal(fit.model->named_buffers()["map"]));
  Tensor placed = fit.model->embed(data::View(others, {}).all());
  Tensor near = classical::nearest(placed, map, 1).indices.flatten();
  EXPECT_TRUE((near % 3).equal(at::arange(60) % 3));
}

TEST(UmapMethod, TakesTheDataAsTheyAreWhereTheyAreNarrow) {
  data::Dataset dataset = groups(100, 6, 1);
  Fit fit(dataset, {{"epochs", 2}, {"latent_dim", 4}});
  while (!fit.iterate()) {
  }
  EXPECT_TRUE(fit.observer.notes.empty());
  EXPECT_EQ(fit.model->embed(fit.view.all()).sizes(), at::IntArrayRef({100, 4}));
}

TEST(UmapMethod, EpochsFollowTheSizeOfTheData) {
  EXPECT_EQ(Fit(groups(100, 3, 1), {}).model->stages().at(0).epochs, 500);
  EXPECT_EQ(Fit(groups(10001, 3, 1), {}).model->stages().at(0).epochs, 200);
}

TEST(UmapMethod, InterruptLeavesTheBuffersAsTheyWere) {
  data::Dataset dataset = groups(100, 6, 1);
  Fit fit(dataset, {});
  fit.observer.stop = true;
  EXPECT_THROW(fit.iterate(), Interrupted);
  EXPECT_EQ(fit.model->named_buffers()["map"].size(0), 0);
  EXPECT_EQ(fit.model->named_buffers()["fit_epoch"].item<int64_t>(), 0);
}

TEST(UmapMethod, RefusesWhatCannotBe) {
  data::Dataset one = groups(1, 6, 1), dataset = groups(30, 6, 1);
  EXPECT_RAISES(Fit(one, {}).iterate(), ArgumentError, "at least 2 examples");
  EXPECT_RAISES(Fit(dataset, {{"min_dist", 3}}), ArgumentError, "min_dist");
  EXPECT_RAISES(Fit(dataset, {}).model->infer(at::zeros({1, 6})), ArgumentError, "not fitted");
}

}  // namespace
}  // namespace cleave::models
