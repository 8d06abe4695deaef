#include "cleave/classical/umap.h"

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/classical/neighbour_graph.h"
#include "tests/support/noise.h"
#include "tests/support/raises.h"
#include "tests/support/reference.h"
#include "tests/support/threads.h"

namespace cleave::classical {
namespace {

using tests::near;
using tests::reference;
using tests::tensor_of;

Tensor noise(const std::vector<int64_t>& shape, uint64_t seed = 1) {
  return tests::noise(shape, seed, at::kFloat);
}

Tensor dense(const SparseRows& graph) {
  Tensor result = at::zeros({graph.rows(), graph.rows()}, at::kDouble);
  for (int64_t i = 0; i < graph.rows(); ++i) {
    Tensor row = at::arange(graph.starts[i].item<int64_t>(), graph.starts[i + 1].item<int64_t>());
    result[i].index_copy_(0, graph.columns.index_select(0, row).to(at::kLong),
                          graph.values.index_select(0, row).to(at::kDouble));
  }
  return result;
}

/// How well the k nearest of the map were near in the data (Venna, Kaski 2001; scikit-learn's definition).
double trustworthiness(const Tensor& x, const Tensor& map, int64_t k) {
  const int64_t n = x.size(0);
  Tensor order = nearest(x, x, n - 1, true).indices, ranks = at::zeros({n, n}, at::kLong);
  ranks.scatter_(1, order, at::arange(1, n).unsqueeze(0).expand({n, n - 1}));
  Tensor late = (ranks.gather(1, nearest(map, map, k, true).indices) - k).clamp_min(0);
  return 1 - 2.0 * late.sum().item<double>() / static_cast<double>(n * k * (2 * n - 3 * k - 1));
}

TEST(Umap, CurvesAreThoseOfUmapLearn) {
  const auto curves = reference("umap_learn")["curves"];  // a loop over a part of a temporary would see nothing
  for (const auto& curve : curves) {
    UmapCurve found = umap_curve(curve[0].get<double>(), curve[1].get<double>());
    EXPECT_NEAR(found.a, curve[2].get<double>(), 2e-5);
    EXPECT_NEAR(found.b, curve[3].get<double>(), 2e-5);
  }
}

TEST(Umap, CurveHasNoBetterNeighbour) {
  auto error = [](double a, double b) {
    double sum = 0;
    for (int i = 0; i < 300; ++i) {
      double x = 3 * i / 299.0, wanted = x < 0.1 ? 1 : std::exp(-(x - 0.1));
      sum += std::pow(1 / (1 + a * std::pow(x, 2 * b)) - wanted, 2);
    }
    return sum;
  };
  UmapCurve found = umap_curve(0.1, 1);
  for (double a : {-1e-3, 1e-3})
    EXPECT_LT(error(found.a, found.b), error(found.a + a, found.b));
  for (double b : {-1e-3, 1e-3})
    EXPECT_LT(error(found.a, found.b), error(found.a, found.b + b));
}

TEST(Umap, MembershipsAndTheirUnionAreThoseOfUmapLearn) {
  auto stored = reference("umap_learn")["memberships"];
  Memberships found = memberships(tensor_of(stored["distances"]));
  EXPECT_TRUE(near(found.nearest, tensor_of(stored["nearest"]), 1e-6));
  EXPECT_TRUE(near(found.scales, tensor_of(stored["scales"]), 1e-4));
  EXPECT_TRUE(near(found.weights, tensor_of(stored["weights"]), 1e-4));
  Tensor all = dense(fuzzy_union(tensor_of<int64_t>(stored["indices"]), found.weights));
  EXPECT_TRUE(near(all, tensor_of(stored["union"]), 1e-4));
}

TEST(Umap, MembershipsReachTheirSum) {
  Tensor x = noise({300, 5});
  Memberships found = memberships(nearest(x, x, 9, true).distances);
  EXPECT_TRUE(near(found.weights.sum(1), at::full({300}, std::log2(10.0)), 1e-4));
  EXPECT_TRUE(found.weights.select(1, 0).equal(at::ones({300})));
  Memberships placed = memberships(nearest(noise({40, 5}, 2), x, 10).distances, /*connected=*/false);
  EXPECT_TRUE(near(placed.weights.slice(1, 1).sum(1), at::full({40}, std::log2(10.0)), 1e-4));
}

TEST(Umap, GraphIsSymmetricSortedAndWithoutLoops) {
  Tensor x = noise({200, 3});
  SparseRows graph = umap_graph(nearest(x, x, 7, true));
  Tensor all = dense(graph);
  EXPECT_TRUE(all.equal(all.t()));
  EXPECT_EQ(all.diagonal().abs().sum().item<double>(), 0);
  EXPECT_EQ((all > 0).sum().item<int64_t>(), graph.columns.size(0));
  EXPECT_LE(all.max().item<double>(), 1);
  for (int64_t i = 0; i < 200; ++i) {
    Tensor row = graph.columns.slice(0, graph.starts[i].item<int64_t>(), graph.starts[i + 1].item<int64_t>());
    EXPECT_TRUE((row.slice(0, 1) > row.slice(0, 0, -1)).all().item<bool>());
  }
}

TEST(Umap, EdgesCountByCommonNeighboursWhenAsked) {
  Tensor x = noise({200, 3});
  const Neighbours found = nearest(x, x, 7, true);
  const Tensor plain = dense(umap_graph(found));
  // Neighbourhoods as rows of ones, themselves included, and the sizes of their intersections as a product.
  const Tensor known = at::eye(200, at::kDouble).scatter(1, found.indices, 1.0);
  const Tensor common = known.mm(known.t()), jaccard = common / (16 - common);
  for (double sharing : {1.0, 2.0})
    EXPECT_TRUE(near(dense(umap_graph(found, sharing)), plain * jaccard.pow(sharing), 1e-6)) << sharing;
  EXPECT_TRUE(dense(umap_graph(found, 0)).equal(plain));
  EXPECT_TRUE(((dense(umap_graph(found, 1)) > 0) == (plain > 0)).all().item<bool>()) << "no edge is lost";
}

TEST(Umap, MapsDigitsAsTruthfullyAsUmapLearn) {
  auto stored = reference("umap_learn")["digits"];
  Tensor x = tensor_of(stored["x"]).to(at::kFloat);
  double theirs = tensor_of(stored["trustworthiness"]).mean().item<double>(), ours = 0;
  for (uint64_t seed = 0; seed < 2; ++seed)
    ours += trustworthiness(x, umap(x, {}, Randomness(seed)).map, 15) / 2;
  EXPECT_NEAR(ours, theirs, 0.01);
}

TEST(Umap, SameBitsForAnyNumberOfThreadsAndAnotherMapForAnotherSeed) {
  Tensor x = noise({2500, 6});
  for (int64_t dimensions : {2, 3, 20}) {  // each a width of its own in the innermost loop
    UmapOptions options{.dimensions = dimensions, .epochs = 6};
    Tensor one, three;
    {
      ThreadScope threads(1);
      one = umap(x, options, Randomness(1)).map;
    }
    {
      ThreadScope threads(3);
      three = umap(x, options, Randomness(1)).map;
    }
    EXPECT_EQ(one.sizes(), at::IntArrayRef({2500, dimensions}));
    EXPECT_TRUE(one.isfinite().all().item<bool>());
    EXPECT_TRUE(one.equal(three)) << dimensions;
    EXPECT_FALSE(one.equal(umap(x, options, Randomness(2)).map));
  }
}

TEST(Umap, BlobsStayWholeAndApartAndNewExamplesJoinTheirs) {
  Tensor which = at::arange(600) % 3, x = noise({600, 8}) + which.unsqueeze(1) * 12;
  UmapOptions options{.dimensions = 2, .epochs = 200};
  Tensor map = umap(x, options, Randomness(1)).map;
  Tensor others = nearest(map, map, 10, true).indices;
  EXPECT_TRUE((which.take(others) == which.unsqueeze(1)).all().item<bool>());

  Tensor fresh = noise({90, 8}, 5) + (at::arange(90) % 3).unsqueeze(1) * 12;
  Neighbours neighbours = nearest(fresh, x, 15);
  Tensor placed = umap_place(neighbours, map, options, Randomness(3));
  Tensor home = which.take(nearest(placed, map, 1).indices.flatten());
  EXPECT_TRUE(home.equal(at::arange(90) % 3));
  Neighbours some{neighbours.indices.slice(0, 30, 40), neighbours.distances.slice(0, 30, 40)};
  EXPECT_TRUE(umap_place(some, map, options, Randomness(3)).equal(placed.slice(0, 30, 40)));
}

TEST(Umap, AnExampleOfTheFitIsPlacedWhereItLies) {
  Tensor x = noise({400, 2});
  UmapOptions options{.epochs = 200};
  Tensor map = umap(x, options, Randomness(1)).map;
  Tensor placed = umap_place(nearest(x, x, 15), map, options, Randomness(3));
  Tensor apart = (placed - map).square().sum(1).sqrt(), across = (map - map.mean(0)).square().sum(1).sqrt();
  EXPECT_LT(apart.median().item<double>(), 0.15 * across.mean().item<double>());
}

TEST(Umap, StoppedAndResumedEqualsStraight) {
  Tensor x = noise({120, 4});
  UmapOptions options{.epochs = 9};
  Randomness random(3);
  SparseRows graph = umap_graph(nearest_others(x, 14, random));
  UmapProgress progress{.map = umap_start(graph, x, options, random)};
  while (!progress.finished) {
    UmapProgress copy{progress.epoch, progress.map.clone(), false};
    UmapLayout(graph, options, random).epoch(copy);
    progress = copy;
  }
  EXPECT_EQ(progress.epoch, 9);
  EXPECT_TRUE(progress.map.equal(umap(x, options, random).map));
}

TEST(Umap, FewExamplesEqualOnesAndConstantColumnsGiveAFiniteMap) {
  for (int64_t n : {2, 3, 20}) {
    for (const Tensor& x : {noise({n, 3}), at::full({n, 3}, 2.0F)}) {
      Tensor map = umap(x, {.epochs = 5}, Randomness(1)).map;
      EXPECT_EQ(map.sizes(), at::IntArrayRef({n, 2}));
      EXPECT_TRUE(map.isfinite().all().item<bool>());
    }
  }
  Tensor x = noise({100, 4});
  x.select(1, 2).fill_(7);
  EXPECT_TRUE(
      umap(x.to(at::kDouble), {.dimensions = 30, .epochs = 5}, Randomness(1)).map.isfinite().all().item<bool>());
}

TEST(Umap, RefusesWhatCannotBe) {
  Tensor x = noise({20, 3});
  EXPECT_RAISES(umap(x.slice(0, 0, 1), {}, Randomness(0)), ArgumentError, "at least 2 examples");
  EXPECT_RAISES(umap(x, {.dimensions = 0}, Randomness(0)), ArgumentError, "dimension");
  EXPECT_RAISES(umap(x, {.neighbours = 1}, Randomness(0)), ArgumentError, "neighbours");
  EXPECT_RAISES(umap(x, {.min_dist = 2}, Randomness(0)), ArgumentError, "min_dist");
  EXPECT_THROW(umap(x, {.learning_rate = 0}, Randomness(0)), ArgumentError);
  for (double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Tensor spoilt = x.clone();
    spoilt[3][1] = bad;
    EXPECT_THROW(umap(spoilt, {}, Randomness(0)), DataError);
  }
  int asked = 0;
  EXPECT_THROW(umap(x, {}, Randomness(0), [&] { return ++asked == 4; }), Interrupted);
  EXPECT_EQ(asked, 4);
}

}  // namespace
}  // namespace cleave::classical
