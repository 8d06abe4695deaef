// SNE, symmetric SNE and t-SNE as methods: the maps of the functions they stand on, and their settings.
#include <gtest/gtest.h>

#include "cleave/classical/map_descent.h"
#include "cleave/classical/tsne.h"
#include "cleave/models/registry.h"
#include "tests/support/blobs.h"
#include "tests/support/raises.h"
#include "tests/support/reference.h"

namespace cleave::models {
namespace {

struct Notes : model::Observer {
  void note(const std::string& text) override { notes.push_back(text); }
  bool should_stop() override { return stop; }
  std::vector<std::string> notes;
  bool stop = false;
};

struct Fit {
  Fit(const std::string& name, const data::Dataset& dataset, const Settings& settings)
      : method(find_method(name)), view(dataset, {}) {
    model = method.make(method.resolve(settings, view.describe()), view.describe(), random);
  }
  model::Iteration iterate() {
    model::Stage stage = model->stages().at(0);
    return model->iterate(stage, {.epoch = done++, .epochs = stage.epochs}, {view, random, observer});
  }
  model::Iteration finish() {
    model::Iteration last;
    while (!(last = iterate()).finished) {
    }
    return last;
  }
  const model::Method& method;
  data::View view;
  Randomness random{7};
  Notes observer;
  std::shared_ptr<model::Model> model;
  int64_t done = 0;
};

const char* const kNames[] = {"sne", "symmetric-sne", "tsne"};

TEST(TsneMethod, GivesWhatTheFunctionsGive) {
  data::Dataset dataset = tests::blobs(300);
  Fit fit("tsne", dataset, {{"perplexity", 12}, {"epochs", 90}, {"approximation", "interpolated"}});
  model::Iteration last = fit.finish();
  EXPECT_EQ(fit.done, 90);
  Tensor x = fit.view.all();
  auto p = classical::affinities(x, 12, classical::Reach::kNearest, fit.random);
  Tensor start = classical::first_map(x, p, 2, classical::MapStart::kPca, fit.random);
  auto cost = classical::tsne_cost(p, 2, classical::Approximation::kInterpolated);
  auto expected = classical::descend(cost, start, {.iterations = 90, .early_iterations = 30});
  EXPECT_TRUE(fit.model->embed(x).equal(expected.map));
  EXPECT_EQ(last.values.at(0).second, expected.cost);
}

TEST(AffinityMaps, PlaceNewExamplesAmongTheirLikeAndKnowTheirOwn) {
  data::Dataset dataset = tests::blobs(300);
  for (const char* name : kNames) {
    Fit fit(name, dataset, {{"perplexity", 15}, {"epochs", 200}, {"early_epochs", 60}});
    fit.finish();
    Tensor x = fit.view.all(), map = fit.model->embed(x);
    EXPECT_TRUE(fit.model->embed(x.slice(0, 40, 44)).equal(map.slice(0, 40, 44))) << name;
    Tensor moved = fit.model->embed(x + 1e-3);  // not the examples of the fit, but almost
    Tensor spread = (map - map.mean(0)).norm(2, 1).mean();
    EXPECT_LT((moved - map).norm(2, 1).median().item<double>(), 0.1 * spread.item<double>()) << name;
  }
}

TEST(AffinityMaps, ReduceWideDataAndSaySo) {
  data::Dataset dataset = tests::blobs(120, 30);
  for (const char* name : kNames) {
    Fit fit(name, dataset, {{"perplexity", 10}, {"epochs", 3}, {"pca_dim", 5}});
    fit.finish();
    ASSERT_EQ(fit.observer.notes.size(), 1u);
    EXPECT_NE(fit.observer.notes[0].find("30 features are reduced to 5"), std::string::npos);
    EXPECT_EQ(fit.model->named_buffers()["examples"].size(1), 5);
  }
}

TEST(AffinityMaps, SayWhatTheyCannotDo) {
  data::Dataset dataset = tests::blobs(60), few = tests::blobs(3);
  for (const char* name : kNames) {
    Fit too_perplexed(name, dataset, {{"perplexity", 30}});
    EXPECT_RAISES(too_perplexed.iterate(), ArgumentError, "give 1 to 19.66");
    Fit too_few(name, few, Settings::object());
    EXPECT_RAISES(too_few.iterate(), ArgumentError, "at least 4");
    Fit unfitted(name, dataset, Settings::object());
    EXPECT_RAISES(unfitted.model->infer(unfitted.view.all()), ArgumentError, "not fitted");
    EXPECT_THROW(Fit(name, dataset, {{"latent_dim", 4}}), ArgumentError);
  }
  EXPECT_RAISES(Fit("tsne", dataset, {{"latent_dim", 3}, {"approximation", "interpolated"}}), ArgumentError,
                "barnes-hut");
}

TEST(AffinityMaps, InterruptedBeforeTheFirstIterationKeepNothing) {
  data::Dataset dataset = tests::blobs(1200);
  Fit fit("tsne", dataset, {{"perplexity", 10}});
  fit.observer.stop = true;
  EXPECT_THROW(fit.iterate(), Interrupted);
  EXPECT_EQ(fit.model->named_buffers()["map"].size(0), 0);
  fit.observer.stop = false;
  EXPECT_FALSE(fit.iterate().finished);
}

TEST(AffinityMaps, HaveOneToThreeDimensions) {
  data::Dataset dataset = tests::blobs(90);
  for (const char* name : kNames) {
    for (int64_t width : {1, 2, 3}) {
      Fit fit(name, dataset, {{"perplexity", 10}, {"epochs", 20}, {"latent_dim", width}});
      fit.finish();
      EXPECT_EQ(fit.model->embed(fit.view.all()).sizes(), at::IntArrayRef({90, width}));
    }
  }
}

}  // namespace
}  // namespace cleave::models
