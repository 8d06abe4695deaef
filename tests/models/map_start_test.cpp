// Methods that begin from the categories of a neighbour-keeping map: the map's choice, VaDE's anchor, self-labelling.
#include <cmath>

#include <gtest/gtest.h>

#include "cleave/models/families/map_categories.h"
#include "tests/support/on_blobs.h"
#include "tests/support/raises.h"

namespace cleave::models {
namespace {

using namespace cleave::model;

using MapStart = tests::OnBlobs;

Tensor buffer(const Model& model, const char* name) {
  return model.named_buffers()[name];
}

TEST_F(MapStart, TheLikeliestOfSeveralMapsIsKept) {
  auto likelihood = [&](int64_t maps, uint64_t seed) {
    return map_categories(view_, 3, {.maps = maps}, Randomness(seed), {}).log_likelihood;
  };
  for (uint64_t seed = 0; seed < 3; ++seed) {
    const double one = likelihood(1, seed), three = likelihood(3, seed);
    EXPECT_GE(three, one);
    EXPECT_EQ(likelihood(3, seed), three);
  }
}

TEST_F(MapStart, ItsCategoriesAreTheGroupsOfTheDataAndItsLikelihoodTheMeanOfAll) {
  auto first = map_categories(view_, 3, {}, Randomness(0), {});
  EXPECT_GT(accuracy(first.names), 0.97);
  // The fit's figure is that before its last update.
  EXPECT_NEAR(first.log_likelihoods.mean().item<double>(), first.log_likelihood, 2e-3);
}

TEST_F(MapStart, EdgesCountByCommonNeighboursUnlessToldOtherwise) {
  auto places = [&](const MapCategoriesConfig& config) {
    return map_categories(view_, 3, config, Randomness(0), {}).places;
  };
  EXPECT_TRUE(places({}).equal(places({.sharing = 1})));
  EXPECT_FALSE(places({}).equal(places({.sharing = 0})));
}

/// [N, 144] images of three patterns, each moved by up to two pixels down and right, with noise.
data::Dataset shifted_patterns() {
  const int64_t n = 180;
  const Tensor patterns = at::rand({3, 6, 6}, Randomness(1).stream("patterns"));
  data::Dataset shifted;
  shifted.kind = data::Kind::kImage;
  shifted.shape = {1, 12, 12};
  shifted.labels = at::arange(n) % 3;
  Tensor images = at::zeros({n, 12, 12});
  for (int64_t i = 0; i < n; ++i) {
    const int64_t down = 2 + i / 3 % 3, right = 2 + i / 9 % 3;
    images[i].slice(0, down, down + 6).slice(1, right, right + 6) = patterns[i % 3];
  }
  shifted.examples.dense = images.reshape({n, -1}) + 0.05 * at::rand({n, 144}, Randomness(2).stream("noise"));
  return shifted;
}

TEST_F(MapStart, ImagesAreNeighboursInSpiteOfASmallShift) {
  const data::Dataset shifted = shifted_patterns();
  const data::View view(shifted, {});
  auto accuracy_by = [&](const char* distance) {
    const Tensor names = map_categories(view, 3, {.distance = distance}, Randomness(0), {}).names;
    return metrics::accuracy_hungarian(metrics::cross_tabulate(names, shifted.labels));
  };
  EXPECT_GT(accuracy_by("deformable"), 0.97);
  EXPECT_LT(accuracy_by("euclidean"), 0.9);
}

TEST_F(MapStart, NewImagesFindTheirKindInSpiteOfAShiftThatNoneOfTheFitHas) {
  const data::Dataset all = shifted_patterns();
  const Tensor place = at::arange(180).div(3, "floor"), shift = place.remainder(3) + place.div(3, "floor").remainder(3);
  const Tensor even = shift.remainder(2).eq(0).nonzero().flatten(), odd = shift.remainder(2).nonzero().flatten();
  data::Dataset seen = all;
  seen.examples.dense = all.examples.dense.index_select(0, even);
  seen.labels = all.labels.index_select(0, even);
  auto model = fitted("umap-gmm", {{"restarts", 10}, {"neighbours", 14}}, data::View(seen, {}));
  at::NoGradGuard no_grad;
  const Tensor x = all.examples.dense.index_select(0, odd), names = model->infer(x).y[0];
  const auto table = metrics::cross_tabulate(names, all.labels.index_select(0, odd));
  EXPECT_GT(metrics::accuracy_hungarian(table), 0.97);
  EXPECT_TRUE(model->infer(x.slice(0, 7, 8)).z[0].equal(model->embed(x).slice(0, 7, 8))) << "alone or among others";
  const Tensor brighter = x.slice(0, 7, 8) + 5;  // beyond what the fit has seen
  EXPECT_TRUE(model->infer(brighter).z[0].isfinite().all().item<bool>());
}

TEST_F(MapStart, TheMixtureOnAMapNamesWhatWasFittedAndPlacesNewExamplesAmongTheirKind) {
  auto model = fitted("umap-gmm", Settings::object());
  EXPECT_GT(accuracy(*model), 0.97);
  at::NoGradGuard no_grad;
  const Tensor x = view_.all(), near = x + 0.02 * at::randn(x.sizes(), Randomness(5).stream("moved"));
  const Tensor found = model->infer(x).y[0];
  EXPECT_GT(model->infer(near).y[0].eq(found).to(at::kDouble).mean().item<double>(), 0.97);
  EXPECT_TRUE(at::equal(model->responsibilities(x).argmax(1), found));
  EXPECT_TRUE(at::equal(model->infer(x.flip(0)).z[0].flip(0), model->embed(x))) << "wherever an example stands";
}

TEST_F(MapStart, ManyClustersShareTwentyDimensionsAndFewerMixtures) {
  EXPECT_EQ(map_dimensions(16), 16);
  EXPECT_EQ(map_dimensions(1000), 20);
  EXPECT_EQ(MapCategoriesConfig{}.mixtures(20), 10);
  EXPECT_EQ(MapCategoriesConfig{}.mixtures(1000), 1);
  EXPECT_EQ(MapCategoriesConfig{.restarts = 7}.mixtures(1000), 7);
  auto model = fitted("umap-gmm", {{"clusters", 23}});
  EXPECT_EQ(model->embed(view_.all()).size(1), 20);
  EXPECT_EQ(model->responsibilities(view_.all()).size(1), 23);
}

TEST_F(MapStart, ImpossibleMapsAreFoundBeforeTheFirstStep) {
  const Method& n2d = find_method("n2d");
  Settings settings = n2d.tiny;
  settings["min_dist"] = 2.0;
  EXPECT_RAISES(n2d.make(n2d.resolve(settings, view_.describe()), view_.describe(), Randomness(0)), ArgumentError,
                "min_dist is 2");
}

TEST_F(MapStart, VadeBeginsWithOneGaussianForTheCodesOfEachCategory) {
  auto model = fitted("vade", {{"epochs", 0}});
  at::NoGradGuard no_grad;
  const Tensor c = buffer(*model, "categories"), z = model->embed(view_.all());
  for (int64_t k = 0; k < 3; ++k) {
    const Tensor of_k = z.index_select(0, c.eq(k).nonzero().flatten());
    EXPECT_TRUE(at::allclose(model->named_parameters()["prior_z_mean"][k], of_k.mean(0), 1e-3, 1e-3));
    EXPECT_TRUE(at::allclose(model->named_parameters()["prior_z_log_variance"][k].exp(),
                             of_k.var(0, /*unbiased=*/false), 1e-2, 1e-3));
  }
}

TEST_F(MapStart, VadesAnchorHoldsItToTheMapAndCanBeLeftOut) {
  auto terms = [&](const Settings& settings) {
    auto model = fitted("vade", settings);
    return model->objective({view_.all(), at::arange(dataset_.size()), {}}, model->stages().back(), {}, Randomness(2))
        .terms;
  };
  EXPECT_EQ(terms({{"epochs", 0}}).back().name, "anchor");
  EXPECT_NE(terms({{"epochs", 0}, {"anchor_weight", 0}}).back().name, "anchor");
  EXPECT_NE(terms({{"epochs", 0}, {"start", "codes"}}).back().name, "anchor");
  const Settings longer = {{"epochs", 30}, {"learning_rate", 5e-3}};
  EXPECT_GT(accuracy(*fitted("vade", longer)), 0.95);
}

TEST_F(MapStart, SelfLabellingTrustsAllButTheDoubtfulOfEachCategory) {
  auto model = fitted("self-label", {{"epochs", 1}, {"start_epochs", 2}, {"doubt", 0.25}});
  const Tensor c = buffer(*model, "categories"), trusted = buffer(*model, "trusted");
  for (int64_t k = 0; k < 3; ++k) {
    const Tensor of_k = trusted.masked_select(c.eq(k));
    EXPECT_EQ((1 - of_k).sum().item<double>(), std::floor(0.25 * static_cast<double>(of_k.size(0))));
  }
}

TEST_F(MapStart, SelfLabellingFollowsTheNetworkAndDropsWhatItNamesMostWeakly) {
  auto model = fitted("self-label", {{"epochs", 60}, {"learning_rate", 5e-3}, {"unsure", 0.1}, {"checked", 0}});
  EXPECT_GT(accuracy(*model), 0.95);
  at::NoGradGuard no_grad;
  const Tensor q_y = model->responsibilities(view_.all()), trusted = buffer(*model, "trusted");
  EXPECT_TRUE(at::equal(buffer(*model, "categories"), q_y.argmax(1)));
  EXPECT_EQ((1 - trusted).sum().item<double>(), 20);
  const Tensor strength = std::get<0>(q_y.max(1));
  EXPECT_LE(strength.masked_select(trusted.eq(0)).max().item<double>(),
            strength.masked_select(trusted.eq(1)).min().item<double>());
}

TEST_F(MapStart, SelfLabellingTrustsWhatItChecksOnlyWhereTheGeneratorAgrees) {
  auto model = fitted("self-label", {{"epochs", 4}, {"start_epochs", 3}, {"unsure", 0}, {"checked", 1}});
  at::NoGradGuard no_grad;
  const Tensor x = view_.all(), c = buffer(*model, "categories"), z = model->infer(x).z[0];
  std::vector<Tensor> log_likelihoods;  // log p(x, z, y) where p(z) p(y) is the same for every y
  for (int64_t k = 0; k < 3; ++k)
    log_likelihoods.push_back(model->log_joint(x, {{z}, {at::full_like(c, k)}}));
  const Tensor agrees = at::stack(log_likelihoods, 1).argmax(1).eq(c);
  EXPECT_TRUE(at::equal(buffer(*model, "trusted"), agrees.to(at::kFloat)));
  EXPECT_GT(agrees.logical_not().sum().item<int64_t>(), 0) << "nothing was doubted: this test shows nothing";
}

TEST_F(MapStart, SelfLabellingChangesACategoryThatTheNetworkDoesNotBelieve) {
  auto model = fitted("self-label", {{"epochs", 60}, {"start_epochs", 3}, {"learning_rate", 5e-3}});
  Tensor c = buffer(*model, "categories");
  const Tensor right = c.clone();
  auto pass = [&](int64_t epoch) {
    at::NoGradGuard no_grad;
    c[0].fill_((right[0].item<int64_t>() + 1) % 3);
    model->end_epoch(model->stages().back(), {.epoch = epoch}, {view_, Randomness(2), recorder_});
    return buffer(*model, "categories").clone();
  };
  EXPECT_TRUE(at::equal(pass(2), right));
  EXPECT_FALSE(at::equal(pass(1), right)) << "the first passes follow the map";
}

}  // namespace
}  // namespace cleave::models
