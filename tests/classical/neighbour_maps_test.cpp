// The costs of SNE, symmetric SNE and t-SNE, and the maps that their descent ends with.
#include <algorithm>

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/classical/map_descent.h"
#include "cleave/classical/nearest.h"
#include "cleave/classical/sne.h"
#include "cleave/classical/tsne.h"
#include "tests/support/noise.h"
#include "tests/support/raises.h"
#include "tests/support/reference.h"
#include "tests/support/threads.h"

namespace cleave::classical {
namespace {

using tests::near;
using tests::noise;
using tests::on_one_and_three_threads;
using tests::reference;
using tests::tensor_of;

Affinities some_affinities(int64_t n = 40) {
  return affinities(noise({n, 5}), std::min(8.0, largest_perplexity(n)), Reach::kAll, Randomness(1));
}

struct NamedCost {
  const char* name;
  std::function<MapCost(Affinities, int64_t dimensions)> make;
};
const NamedCost kCosts[] = {
    {"sne", [](Affinities p, int64_t) { return sne_cost(std::move(p)); }},
    {"symmetric sne", [](Affinities p, int64_t) { return symmetric_sne_cost(std::move(p)); }},
    {"tsne", [](Affinities p, int64_t width) { return tsne_cost(std::move(p), width, Approximation::kExact); }}};

TEST(MapCost, GradientsAreTheSlopesOfTheCosts) {
  for (const NamedCost& each : kCosts) {
    for (int64_t width : {1, 2, 3}) {
      MapCost cost = each.make(some_affinities(), width);
      Tensor y = noise({40, width}, 9);
      Tensor gradient = cost(y, 1, false).gradient, slopes = at::empty_like(y);
      for (int64_t i = 0; i < y.numel(); ++i) {
        const double h = 1e-5;
        Tensor up = y.clone(), down = y.clone();
        up.flatten()[i] += h, down.flatten()[i] -= h;
        slopes.flatten()[i] = (cost(up, 1, true).cost - cost(down, 1, true).cost) / (2 * h);
      }
      EXPECT_LT(((gradient - slopes).norm() / slopes.norm()).item<double>(), 1e-6) << each.name << " " << width;
    }
  }
}

TEST(MapCost, AgreesWithNumpyAndScikitLearn) {
  auto stored = reference("neighbour_maps");
  Tensor places = tensor_of(stored["places"]);
  Affinities p = affinities(tensor_of(stored["x"]).slice(0, 0, 60).contiguous(), 10, Reach::kAll, Randomness(1));
  EXPECT_NEAR(sne_cost(p)(places, 1, true).cost, stored["sne"].get<double>(), 1e-7);
  EXPECT_NEAR(symmetric_sne_cost(p)(places, 1, true).cost, stored["symmetric_sne"].get<double>(), 1e-9);
  CostAndGradient tsne = tsne_cost(p, 2, Approximation::kExact)(places, 1, true);
  EXPECT_NEAR(tsne.cost, stored["tsne"].get<double>(), 1e-5);  // its affinities are float32 and stop at 1e-5 nats
  EXPECT_TRUE(near(tsne.gradient, tensor_of(stored["tsne_gradient"]), 1e-6));
}

TEST(MapCost, DoesNotChangeWhenTheMapIsTurnedMirroredAndShifted) {
  Tensor y = noise({40, 2}, 3);
  Tensor turn = at::tensor({0.6, 0.8, 0.8, -0.6}).to(at::kDouble).view({2, 2});
  for (const NamedCost& each : kCosts) {
    MapCost cost = each.make(some_affinities(), 2);
    double before = cost(y, 1, true).cost;
    EXPECT_NEAR(cost(y.mm(turn) + 7, 1, true).cost, before, 1e-10 * std::abs(before)) << each.name;
  }
}

TEST(MapCost, ExaggerationScalesTheAttractionOnly) {
  Tensor y = noise({40, 2}, 3);
  for (const NamedCost& each : kCosts) {
    MapCost cost = each.make(some_affinities(), 2);
    Tensor once = cost(y, 1, false).gradient, twice = cost(y, 2, false).gradient, thrice = cost(y, 3, false).gradient;
    EXPECT_TRUE(near(twice - once, thrice - twice, 1e-12)) << each.name;
    EXPECT_GT((twice - once).norm().item<double>(), 0.01) << each.name;
    EXPECT_EQ(cost(y, 1, true).cost, cost(y, 12, true).cost) << each.name;
  }
}

TEST(MapCost, IsZeroWhereTheMapHasTheAffinities) {
  Tensor x = at::tensor({1.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0, -1.0}).to(at::kDouble).view({4, 2});  // a square
  Affinities p = affinities(at::ones({4, 2}, at::kDouble), 1, Reach::kAll, Randomness(1));         // all pairs alike
  Tensor together = at::zeros({4, 2}, at::kDouble);
  for (const NamedCost& each : kCosts) {
    MapCost cost = each.make(p, 2);
    EXPECT_NEAR(cost(together, 1, true).cost, 0, 1e-12) << each.name;
    EXPECT_GT(cost(x, 1, true).cost, 1e-3) << each.name;
  }
}

TEST(MapCost, RefusesAMapOfAnotherSizeOrType) {
  for (const NamedCost& each : kCosts) {
    MapCost cost = each.make(some_affinities(), 2);
    EXPECT_THROW(cost(noise({39, 2}), 1, true), ArgumentError);
    EXPECT_THROW(cost(noise({40, 2}).to(at::kFloat), 1, true), ArgumentError);
  }
  EXPECT_RAISES(check_exact_size(20001, "sne"), ArgumentError, "use tsne");
}

/// The data and start of the stored descents.
struct Stored {
  nlohmann::json json = reference("neighbour_maps");
  Tensor x = tensor_of(json["x"]);
  Affinities p = affinities(x, json["perplexity"].get<double>(), Reach::kNearest, Randomness(1));
  Tensor start = first_map(x, p, 2, MapStart::kPca, Randomness(1));

  /// One of the starts that the stored descents began with. The last digit of a start decides between minima some per
  /// cent apart, so what descents end with is compared by medians.
  Tensor moved(int64_t s) const {
    return start + 1e-6 * (at::arange(1, 1201, at::kDouble) * static_cast<double>(s + 1)).sin().view({600, 2});
  }
  Tensor ends() const { return tensor_of(json["divergence"]["nearly_exact"]); }
};

TEST(Tsne, EndsWithinTwoHundredthsOfOpenTsne) {
  Stored stored;
  const double expected = stored.ends().median().item<double>();
  for (Approximation approximation : {Approximation::kExact, Approximation::kBarnesHut, Approximation::kInterpolated}) {
    MapProgress end;
    std::vector<double> ends;
    for (int64_t s = 0; s < 5; ++s) {
      end = descend(tsne_cost(stored.p, 2, approximation), stored.moved(s), {});
      ends.push_back(end.cost);
    }
    std::sort(ends.begin(), ends.end());
    EXPECT_NEAR(ends[2], expected, 0.02 * expected) << static_cast<int>(approximation);
    double exact = tsne_cost(stored.p, 2, Approximation::kExact)(end.map, 1, true).cost;
    EXPECT_NEAR(end.cost, exact, 0.01 * exact) << "what is reported is not the divergence of the map";
  }
}

TEST(Tsne, InSingleAndDoublePrecisionEndsAlike) {
  Stored stored;
  Affinities p = affinities(stored.x.to(at::kFloat), 20, Reach::kNearest, Randomness(1));
  MapProgress end = descend(tsne_cost(p, 2), stored.moved(0).to(at::kFloat), {});
  EXPECT_EQ(end.map.scalar_type(), at::kFloat);
  EXPECT_NEAR(end.cost, stored.ends().median().item<double>(), 0.01);
}

TEST(Descent, LowersEveryCostAndKeepsClustersTogether) {
  Tensor truth = at::arange(150) % 3;
  Tensor x = noise({150, 6}) + 6 * at::one_hot(truth, 6).to(at::kDouble);
  Affinities p = affinities(x, 15, Reach::kAll, Randomness(1));
  for (const NamedCost& each : kCosts) {
    for (MapStart start : {MapStart::kPca, MapStart::kSpectral, MapStart::kRandom}) {
      Tensor first = first_map(x, p, 2, start, Randomness(2));
      EXPECT_NEAR(first.select(1, 0).std().item<double>(), 1e-4, 1e-5);
      MapCost cost = each.make(p, 2);
      const double scale = each.name == std::string("sne") ? 1.0 / 150 : 1;
      MapProgress end = descend(cost, first, {.iterations = 300, .early_iterations = 100}, scale);
      EXPECT_LT(end.cost, 0.6 * cost(first, 1, true).cost) << each.name;
      Tensor votes = vote(nearest(end.map, end.map, 5, true).indices, truth, 5);
      EXPECT_GT((votes == truth).to(at::kDouble).mean().item<double>(), 0.97) << each.name;
      EXPECT_TRUE(near(end.map.mean(0), at::zeros({2}), 1e-9));
    }
  }
}

TEST(Descent, ThatIsBrokenOffGoesOnToTheSameBits) {
  Stored stored;
  MapOptions options{.iterations = 60, .early_iterations = 20};
  MapCost cost = tsne_cost(stored.p, 2, Approximation::kInterpolated);
  MapProgress straight = descend(cost, stored.start, options);
  MapProgress broken;
  broken.map = stored.start;
  while (!broken.finished) {
    MapProgress copy{.iteration = broken.iteration, .map = broken.map.clone(), .cost = broken.cost};
    if (broken.update.defined()) copy.update = broken.update.clone(), copy.gains = broken.gains.clone();
    MapCost again = tsne_cost(stored.p, 2, Approximation::kInterpolated);
    map_iteration(again, options, copy);
    broken = copy;
  }
  EXPECT_TRUE(broken.map.equal(straight.map));
  EXPECT_EQ(broken.cost, straight.cost);
}

TEST(Descent, IsTheSameBitsForAnyNumberOfThreads) {
  Tensor x = noise({1200, 8}).to(at::kFloat);
  auto [one, three] = on_one_and_three_threads([&] {
    Affinities p = affinities(x, 10, Reach::kNearest, Randomness(1));
    Tensor start = first_map(x, p, 2, MapStart::kSpectral, Randomness(3));
    return descend(tsne_cost(p, 2), start, {.iterations = 30, .early_iterations = 10}).map;
  });
  EXPECT_TRUE(one.equal(three));
}

TEST(Descent, DuplicatesEndInOnePlaceAndEqualExamplesAnywhereFinite) {
  Tensor x = noise({20, 4}).repeat({5, 1});
  Affinities p = affinities(x, 10, Reach::kAll, Randomness(1));
  for (const NamedCost& each : kCosts) {
    const double scale = each.name == std::string("sne") ? 0.01 : 1;
    Tensor map =
        descend(each.make(p, 2), first_map(x, p, 2, MapStart::kPca, Randomness(1)), {.iterations = 400}, scale).map;
    Tensor copies = map.view({5, 20, 2});
    Tensor within = (copies - copies.mean(0, true)).norm(2, 2).mean(), between = (map - map.mean(0)).norm(2, 1).mean();
    EXPECT_LT(within.item<double>(), 0.1 * between.item<double>()) << each.name;
    Tensor same = at::ones({30, 3}, at::kDouble);
    Affinities flat = affinities(same, 5, Reach::kAll, Randomness(1));
    Tensor start = first_map(same, flat, 2, MapStart::kPca, Randomness(1));
    EXPECT_TRUE(descend(each.make(flat, 2), start, {.iterations = 50}).map.isfinite().all().item<bool>()) << each.name;
  }
}

TEST(Descent, StopsWhenAskedAndRefusesWhatCannotBe) {
  MapCost cost = tsne_cost(some_affinities(), 2);
  int asked = 0;
  EXPECT_THROW(descend(cost, noise({40, 2}), {}, 1, [&] { return ++asked == 3; }), Interrupted);
  EXPECT_EQ(asked, 3);
  EXPECT_THROW(descend(cost, noise({40, 2}), {.iterations = 0}), ArgumentError);
  EXPECT_THROW(first_map(noise({40, 2}), some_affinities(), 4, MapStart::kPca, Randomness(1)), ArgumentError);
}

TEST(Placing, PutsNewExamplesBesideTheirLike) {
  Tensor truth = at::arange(400) % 4;
  Tensor x = noise({400, 6}) + 7 * at::one_hot(truth, 6).to(at::kDouble);
  Tensor old = x.slice(0, 0, 300).contiguous(), fresh = x.slice(0, 300).contiguous();
  Affinities p = affinities(old, 20, Reach::kAll, Randomness(1));
  for (const NamedCost& each : kCosts) {
    for (int64_t width : {1, 2, 3}) {
      const Kernel kernel = each.name == std::string("tsne") ? Kernel::kCauchy : Kernel::kGaussian;
      const double scale = each.name == std::string("sne") ? 1.0 / 300 : 1;
      Tensor start = first_map(old, p, width, MapStart::kPca, Randomness(1));
      Tensor map = descend(each.make(p, width), start, {.iterations = 200, .early_iterations = 70}, scale).map;
      PlacedMap fitted{old, map, kernel};
      Tensor placed = place(fresh, fitted);
      Tensor found = vote(nearest(placed, map, 5).indices, truth.slice(0, 0, 300), 5);
      EXPECT_GT((found == truth.slice(0, 300)).to(at::kDouble).mean().item<double>(), 0.95) << each.name << width;
      EXPECT_TRUE(place(fresh.slice(0, 10, 13), fitted).equal(placed.slice(0, 10, 13))) << each.name << width;
    }
  }
}

TEST(Placing, WorksBesideFourExamplesAndOfNone) {
  PlacedMap fitted{noise({4, 3}), noise({4, 2}, 2)};
  EXPECT_TRUE(place(noise({5, 3}, 3), fitted).isfinite().all().item<bool>());
  EXPECT_EQ(place(at::empty({0, 3}, at::kDouble), fitted).size(0), 0);
  EXPECT_THROW(place(noise({5, 2}), fitted), ArgumentError);
}

}  // namespace
}  // namespace cleave::classical
