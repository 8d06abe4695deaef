// DBSCAN, HDBSCAN and the spanning tree beneath it.
#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/base/random.h"
#include "cleave/classical/dbscan.h"
#include "cleave/classical/hdbscan.h"
#include "cleave/classical/nearest.h"
#include "cleave/classical/spanning_tree.h"
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

Tensor groups(int64_t n, int64_t width, uint64_t seed = 1) {
  return noise({n, width}, seed) + 6 * noise({5, width}, seed + 1).index_select(0, at::arange(n) % 5);
}

// Spanning tree ------------------------------------------------------------------------------------------------------

/// Prim's algorithm, plainly: lengths, ends and sources in the order in which examples join.
SpanningTree plain_tree(const Tensor& x, const Tensor& squared_cores) {
  const int64_t n = x.size(0), width = x.size(1);
  const double *rows = x.const_data_ptr<double>(), *cores = squared_cores.const_data_ptr<double>();
  std::vector<double> keys(static_cast<size_t>(n), std::numeric_limits<double>::infinity());
  std::vector<int64_t> sources(static_cast<size_t>(n), 0);
  std::vector<bool> inside(static_cast<size_t>(n), false);
  SpanningTree tree{at::empty({n - 1}, at::kLong), at::empty({n - 1}, at::kLong), at::empty({n - 1}, at::kDouble)};
  int64_t newest = 0;
  for (int64_t t = 0; t < n - 1; ++t) {
    inside[static_cast<size_t>(newest)] = true;
    int64_t next = -1;
    for (int64_t j = 0; j < n; ++j) {
      auto at = static_cast<size_t>(j);
      if (inside[at]) continue;
      double square = 0;
      for (int64_t d = 0; d < width; ++d)
        square += (rows[newest * width + d] - rows[j * width + d]) * (rows[newest * width + d] - rows[j * width + d]);
      square = std::max({square, cores[newest], cores[j]});
      if (square < keys[at]) keys[at] = square, sources[at] = newest;
      if (next < 0 || keys[at] < keys[static_cast<size_t>(next)]) next = j;
    }
    tree.from[t] = sources[static_cast<size_t>(next)];
    tree.to[t] = next;
    tree.lengths[t] = std::sqrt(keys[static_cast<size_t>(next)]);
    newest = next;
  }
  return tree;
}

TEST(SpanningTree, OfFewAndOfManyExamplesIsPrims) {
  for (int64_t n : {500, 4500}) {
    Tensor x = groups(n, 3), none = at::zeros({n}, at::kDouble);
    SpanningTree expected = plain_tree(x, none), tree = minimum_spanning_tree(x);
    EXPECT_TRUE(tree.from.equal(expected.from));
    EXPECT_TRUE(tree.to.equal(expected.to));
    EXPECT_TRUE(tree.lengths.equal(expected.lengths));
  }
}

TEST(SpanningTree, OfMutualReachabilityIsPrimsAlsoWhereCoresMakeEdgesEqual) {
  for (int64_t n : {500, 4500}) {
    Tensor x = groups(n, 3), known = nearest(x, x, 15, /*leave_self_out=*/true).indices;
    Tensor cores = (x.index_select(0, known.select(1, 5)) - x).square().sum(1);
    SpanningTree expected = plain_tree(x, cores), tree = minimum_spanning_tree(x, cores, known);
    EXPECT_TRUE(tree.lengths.equal(expected.lengths));
    EXPECT_TRUE(tree.to.equal(expected.to));
    EXPECT_TRUE(tree.from.equal(expected.from));
  }
}

TEST(SpanningTree, AnyNumberOfThreadsGivesTheSameBits) {
  Tensor x = groups(6000, 40).to(at::kFloat);
  auto [one, many] = on_one_and_three_threads([&] { return minimum_spanning_tree(x); });
  EXPECT_TRUE(one.from.equal(many.from) && one.to.equal(many.to) && one.lengths.equal(many.lengths));
}

// DBSCAN -------------------------------------------------------------------------------------------------------------

TEST(Dbscan, LabelsAreThoseOfScikitLearn) {
  const auto cases = reference("hierarchy")["dbscan"];
  ASSERT_GE(cases.size(), 4u);
  for (const auto& stored : cases) {
    DbscanResult result = dbscan(tensor_of(stored["x"]), stored["eps"], stored["min_points"]);
    EXPECT_TRUE(result.labels.equal(tensor_of<int64_t>(stored["labels"])));
    EXPECT_TRUE(result.core.nonzero().flatten().equal(tensor_of<int64_t>(stored["core"])));
  }
}

/// By the definition, on all distances.
Tensor plain_dbscan(const Tensor& x, double eps, int64_t min_points) {
  Tensor close = (x.unsqueeze(1) - x).square().sum(2) <= eps * eps;
  Tensor core = close.sum(1) >= min_points, labels = at::full({x.size(0)}, -1, at::kLong);
  int64_t count = 0;
  for (int64_t i = 0; i < x.size(0); ++i) {
    if (!core[i].item<bool>() || labels[i].item<int64_t>() >= 0) continue;
    Tensor members = at::zeros({x.size(0)}, at::kBool);
    members[i] = true;
    for (int64_t before = 0; before < members.sum().item<int64_t>();) {
      before = members.sum().item<int64_t>();
      members = close.index({members.logical_and(core)}).any(0);
    }
    labels = at::where(members.logical_and(labels < 0), count++, labels);
  }
  return labels;
}

TEST(Dbscan, IsTheDefinition) {
  for (uint64_t seed : {1, 2, 3}) {
    Tensor x = groups(400, 3, seed);
    for (double eps : {0.3, 0.7, 1.5})
      EXPECT_TRUE(dbscan(x, eps, 6).labels.equal(plain_dbscan(x, eps, 6))) << eps;
    Tensor narrow = x.to(at::kFloat) + 1000;
    EXPECT_TRUE(dbscan(narrow, 0.7, 6).labels.equal(plain_dbscan(narrow.to(at::kDouble), 0.7, 6)));
  }
}

TEST(Dbscan, AnyNumberOfThreadsGivesTheSameLabels) {
  Tensor x = groups(4000, 20).to(at::kFloat);
  auto [one, many] = on_one_and_three_threads([&] { return dbscan(x, 4.5, 5); });
  EXPECT_TRUE(one.labels.equal(many.labels));
  EXPECT_GT(one.clusters, 1);
}

TEST(Dbscan, KneeOfTheCoreDistancesSeparatesGroups) {
  Tensor x = at::cat({groups(1000, 2), 60 * noise({20, 2}, 9)});
  Tensor curve = core_distance_curve(x, 5);
  EXPECT_EQ(curve.size(0), 1020);
  EXPECT_TRUE((curve.diff() >= 0).all().item<bool>());
  EXPECT_TRUE(near(curve, std::get<0>(nearest(x, x, 4, true).distances.select(1, 3).sort()), 1e-12));
  double eps = knee(curve);
  EXPECT_GT(eps, curve[900].item<double>());
  EXPECT_LT(eps, curve[1019].item<double>() / 4);
  EXPECT_EQ(core_distance_curve(x, 5, 100).size(0), 100);
  EXPECT_EQ(knee(at::full({7}, 2.0)), 2);
  EXPECT_EQ(knee(at::cat({at::zeros({3 * curve.size(0)}, at::kDouble), curve})), eps);
  EXPECT_EQ(knee(at::zeros({7})), 0);
}

TEST(Dbscan, DuplicatesConstantsAndFewExamplesWork) {
  EXPECT_TRUE((dbscan(at::full({300, 2}, 1.5), 0.1, 5).labels == 0).all().item<bool>());
  EXPECT_TRUE(dbscan(noise({1, 2}), 1, 1).labels.equal(at::zeros({1}, at::kLong)));
  EXPECT_TRUE(dbscan(noise({3, 2}), 1, 4).labels.equal(at::full({3}, -1, at::kLong)));
  EXPECT_THROW(dbscan(noise({3, 2}), 0, 4), ArgumentError);
  EXPECT_THROW(dbscan(noise({3, 2}), 1, 0), ArgumentError);
  EXPECT_THROW(dbscan(noise({3, 2}) / 0.0, 1, 2), DataError);
  EXPECT_THROW(dbscan(noise({3, 2}), 1, 2, [] { return true; }), Interrupted);
}

// HDBSCAN ------------------------------------------------------------------------------------------------------------

TEST(Hdbscan, LabelsAndProbabilitiesAreThoseOfScikitLearn) {
  int number = 0, as_installed = 0;
  const auto cases = reference("hierarchy")["hdbscan"];
  ASSERT_GE(cases.size(), 4u);
  for (const auto& stored : cases) {
    for (Selection selection : {Selection::kExcessOfMass, Selection::kLeaf}) {
      HdbscanResult result = hdbscan(
          tensor_of(stored["x"]),
          {.min_cluster_size = stored["min_cluster_size"], .min_points = stored["min_points"], .selection = selection});
      const auto& expected = stored[selection == Selection::kLeaf ? "leaf" : "eom"];
      Tensor labels = tensor_of<int64_t>(expected["labels"]);
      EXPECT_EQ((result.labels != labels).sum().item<int64_t>(), 0) << "case " << number;
      EXPECT_TRUE(near(result.probabilities, tensor_of(expected["probabilities"]), 1e-6)) << "case " << number;
      EXPECT_EQ(result.births.size(0), labels.max().item<int64_t>() + 1);
      as_installed += expected["as_installed"].get<bool>();  // in the others the order of equal edges is made stable
    }
    ++number;
  }
  EXPECT_GE(as_installed, 6);
}

TEST(Hdbscan, AGridIsOneLumpInAnyOrder) {
  for (int64_t side : {7, 10, 15, 20}) {
    const Tensor i = at::arange(side * side, at::kLong);
    const Tensor grid = at::stack({i.remainder(side), i.floor_divide(side)}, 1).to(at::kFloat);
    for (uint64_t order : {0, 1, 2}) {
      const Tensor rows = at::randperm(i.size(0), Randomness(order).stream("rows"), at::kLong);
      for (int64_t least : {5, 8, 15})
        EXPECT_EQ(hdbscan(grid.index_select(0, rows), {.min_cluster_size = least}).births.size(0), 0) << side;
    }
  }
}

TEST(Hdbscan, EveryExampleLeavesTheTreeOnceAndClustersKeepTheirSize) {
  Tensor x = groups(600, 3);
  CondensedTree tree = hdbscan(x, {.min_cluster_size = 12}).tree;
  std::vector<int64_t> leaves(600, 0);
  for (size_t row = 0; row < tree.children.size(); ++row) {
    EXPECT_TRUE(tree.sizes[row] == 1 || tree.sizes[row] >= 12);
    if (tree.children[row] < 600) ++leaves[static_cast<size_t>(tree.children[row])];
  }
  EXPECT_EQ(std::count(leaves.begin(), leaves.end(), 1), 600);
}

TEST(Hdbscan, ScaleDoesNotMatterAndThreadsNeither) {
  Tensor x = groups(2000, 8).to(at::kFloat);
  HdbscanOptions options{.min_cluster_size = 10};
  auto [one, many] = on_one_and_three_threads([&] { return hdbscan(x, options); });
  EXPECT_TRUE(one.labels.equal(many.labels));
  EXPECT_TRUE(one.probabilities.equal(many.probabilities));
  EXPECT_TRUE(hdbscan(x * 8, options).labels.equal(one.labels));
  EXPECT_EQ(one.births.size(0), 5);
}

TEST(Hdbscan, NewExamplesJoinTheirGroupAndFarOnesNone) {
  Tensor x = groups(800, 3);
  HdbscanResult fit = hdbscan(x, {.min_cluster_size = 10, .min_points = 5});
  ASSERT_EQ(fit.births.size(0), 5);
  auto ask = [&](const Tensor& queries) {
    return hdbscan_labels(queries, x, fit.core_distances, fit.labels, fit.births, 5);
  };
  Tensor inside = (fit.probabilities == 1).nonzero().flatten();
  EXPECT_TRUE(ask(x.index_select(0, inside) + 1e-6).equal(fit.labels.index_select(0, inside)));
  EXPECT_TRUE(ask(at::full({1, 3}, 1e3, at::kDouble)).equal(at::full({1}, -1, at::kLong)));
}

TEST(Hdbscan, DuplicatesConstantsAndFewExamplesWork) {
  HdbscanResult copies = hdbscan(noise({4, 2}).repeat({20, 1}), {.min_cluster_size = 5});
  EXPECT_TRUE(copies.labels.slice(0, 0, 4).equal(copies.labels.slice(0, 76, 80)));
  EXPECT_EQ(copies.births.size(0), 4);
  EXPECT_TRUE(copies.stabilities.isnan().logical_not().all().item<bool>());
  EXPECT_TRUE((hdbscan(at::full({50, 2}, 1.5)).labels == -1).all().item<bool>());
  EXPECT_TRUE((hdbscan(noise({1, 2}), {.min_points = 1}).labels == -1).all().item<bool>());
  EXPECT_RAISES(hdbscan(noise({3, 2})), ArgumentError, "min_points is 5, but there are 3 examples");
  EXPECT_THROW(hdbscan(noise({30, 2}), {.min_cluster_size = 1}), ArgumentError);
  EXPECT_THROW(hdbscan(noise({30, 2}) / 0.0), DataError);
  EXPECT_THROW(hdbscan(noise({30, 2}), {}, [] { return true; }), Interrupted);
}

}  // namespace
}  // namespace cleave::classical
