#include "cleave/classical/leiden.h"

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "tests/support/raises.h"
#include "tests/support/reference.h"

namespace cleave::classical {
namespace {

using tests::near;
using tests::reference;
using tests::tensor_of;

Tensor longs(std::vector<int64_t> values) {
  return at::tensor(values, at::kLong);
}

Graph stored_graph(const nlohmann::json& stored) {
  Tensor weights;
  if (stored.contains("weights")) weights = tensor_of(stored["weights"]);
  return graph_of_edges(stored["n"], tensor_of<int64_t>(stored["edges"]), weights);
}

/// O1 by its definition: over all pairs.
double modularity(const Graph& graph, const Tensor& labels, double resolution) {
  const int64_t n = graph.size();
  Tensor from = at::repeat_interleave(at::arange(n), graph.offsets.diff());
  Tensor a = at::zeros({n, n}, at::kDouble).index_put_({from, graph.targets}, graph.weights);
  Tensor k = a.sum(1), same = (labels.unsqueeze(1) == labels).to(at::kDouble);
  return ((a - resolution * k.unsqueeze(1) * k / k.sum()) * same).sum().item<double>() / k.sum().item<double>();
}

struct LeidenOnStoredGraphs : testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(, LeidenOnStoredGraphs, testing::Values("karate", "neighbours", "planted"),
                         [](const auto& test) { return std::string(test.param); });

TEST_P(LeidenOnStoredGraphs, IsAsGoodAsLeidenalg) {
  auto stored = reference("graph")[GetParam()];
  Graph graph = stored_graph(stored);
  // Single runs of either end in different local optima where communities are small, so means are compared.
  auto check = [&](const LeidenOptions& options, double expected) {
    constexpr int kRuns = 6;
    double mean = 0;
    for (uint64_t seed = 0; seed < kRuns; ++seed) {
      Communities found = leiden(graph, options, Randomness(seed));
      mean += found.quality / kRuns;
      EXPECT_DOUBLE_EQ(found.quality, partition_quality(graph, found.labels, options));
    }
    EXPECT_GE(mean, expected - 0.01 * std::abs(expected)) << "resolution " << options.resolution;
  };
  check({}, stored["modularity"]);  // leidenalg's best
  for (const auto& entry : stored["rb"])
    check({.resolution = entry["resolution"]}, entry["best"]);
  for (const auto& entry : stored["cpm"])
    check({.objective = Quality::kCpm, .resolution = entry["resolution"]}, entry["mean"]);
}

TEST_P(LeidenOnStoredGraphs, QualityOfAPartitionIsThatOfIgraph) {
  auto stored = reference("graph")[GetParam()];
  Graph graph = stored_graph(stored);
  Tensor labels = tensor_of<int64_t>(stored["membership"]);
  EXPECT_NEAR(partition_quality(graph, labels, {}), stored["modularity"].get<double>(), 1e-12);
  EXPECT_NEAR(partition_quality(graph, labels, {.resolution = 1.7}), modularity(graph, labels, 1.7), 1e-12);
}

TEST_P(LeidenOnStoredGraphs, CommunitiesHangTogetherAndNoneGainsByAMove) {
  auto stored = reference("graph")[GetParam()];
  Graph graph = stored_graph(stored);
  for (Quality objective : {Quality::kModularity, Quality::kCpm}) {
    LeidenOptions options{
        .objective = objective, .resolution = objective == Quality::kCpm ? 0.1 : 1, .tolerance = 1e-12};
    Communities found = leiden(graph, options, Randomness(4));
    Tensor edges = graph.edges();
    Tensor inner = edges.index({found.labels.take(edges).diff(1, 1).squeeze(1) == 0});
    Tensor pieces = connected_components(graph_of_edges(graph.size(), inner));
    EXPECT_EQ(pieces.max().item<int64_t>(), found.labels.max().item<int64_t>());
    for (int64_t i = 0; i < std::min<int64_t>(graph.size(), 10); ++i) {
      for (int64_t c = 0; c <= found.labels.max().item<int64_t>() + 1; ++c) {
        Tensor moved = found.labels.clone();
        moved[i] = c;
        EXPECT_LE(partition_quality(graph, moved, options), found.quality + 1e-9);
      }
    }
    Tensor sizes = found.labels.bincount();
    EXPECT_TRUE((sizes.diff() <= 0).all().item<bool>());
  }
}

TEST_P(LeidenOnStoredGraphs, APassNeverLoses) {
  auto stored = reference("graph")[GetParam()];
  Graph graph = stored_graph(stored);
  Tensor labels = at::randint(5, {graph.size()}, Randomness(1).stream("start"), at::kLong);
  double before = partition_quality(graph, labels, {});
  for (uint64_t pass = 0; pass < 4; ++pass) {
    labels = leiden_pass(graph, labels, {}, Randomness(pass));
    double after = partition_quality(graph, labels, {});
    EXPECT_GE(after, before - 1e-12);
    before = after;
  }
  EXPECT_TRUE(leiden_pass(graph, labels, {}, Randomness(9)).equal(leiden_pass(graph, labels, {}, Randomness(9))));
}

/// Cliques of `size` in a ring, each joined to the next by one edge.
Graph ring_of_cliques(int64_t count, int64_t size) {
  std::vector<int64_t> ends;
  for (int64_t c = 0; c < count; ++c) {
    for (int64_t i = 0; i < size; ++i) {
      for (int64_t j = 0; j < i; ++j)
        ends.insert(ends.end(), {c * size + i, c * size + j});
    }
    ends.insert(ends.end(), {c * size, ((c + 1) % count) * size + 1});
  }
  return graph_of_edges(count * size, longs(ends).view({-1, 2}));
}

TEST(Leiden, CpmFindsTheCliquesOfARingWhereModularityJoinsThem) {
  Graph graph = ring_of_cliques(30, 5);
  Tensor expected = at::arange(150).div(5, "floor");
  Communities potts = leiden(graph, {.objective = Quality::kCpm, .resolution = 0.5}, Randomness(1));
  EXPECT_TRUE(potts.labels.equal(expected));
  Communities modular = leiden(graph, {}, Randomness(1));
  EXPECT_LT(modular.labels.max().item<int64_t>(), 29);  // the resolution limit
  EXPECT_GT(modular.quality, partition_quality(graph, expected, {}));
}

TEST(Leiden, WithoutEdgesEveryExampleIsAlone) {
  Graph graph = graph_of_edges(4, at::empty({0, 2}, at::kLong));
  for (Quality objective : {Quality::kModularity, Quality::kCpm}) {
    Communities found = leiden(graph, {.objective = objective}, Randomness(1));
    EXPECT_TRUE(found.labels.equal(at::arange(4)));
    EXPECT_EQ(found.quality, 0);
  }
}

TEST(Leiden, ScaleOfTheWeightsDoesNotMatterToModularity) {
  auto stored = reference("graph")["planted"];
  Graph graph = stored_graph(stored), heavy = graph;
  heavy.weights = graph.weights * 1024;
  EXPECT_TRUE(leiden(graph, {}, Randomness(3)).labels.equal(leiden(heavy, {}, Randomness(3)).labels));
}

TEST(Leiden, SmallCommunitiesGoWhereTheirEdgesLead) {
  // 0-1-2 a triangle, 3 and 4 hang on it in a chain, 5-6 are a pair elsewhere.
  Graph graph = graph_of_edges(7, longs({0, 1, 0, 2, 1, 2, 2, 3, 3, 4, 5, 6}).view({6, 2}));
  EXPECT_TRUE(without_small(graph, longs({0, 0, 0, 1, 2, 3, 3}), 3).equal(longs({0, 0, 0, 0, 0, -1, -1})));
  EXPECT_TRUE(without_small(graph, longs({5, 5, 5, 1, 1, 3, 3}), 1).equal(longs({0, 0, 0, 1, 1, 2, 2})));
  EXPECT_TRUE(without_small(graph, at::zeros({7}, at::kLong), 8).equal(at::full({7}, -1, at::kLong)));
}

TEST(Leiden, TheSearchForAResolutionEndsAtTheWantedNumber) {
  Graph ring = ring_of_cliques(24, 6), planted = stored_graph(reference("graph")["planted"]);
  for (auto [graph, wanted] : {std::pair(ring, 6), {ring, 24}, {planted, 6}, {planted, 4}, {planted, 9}}) {
    ResolutionSearch search;
    int64_t count = 0;
    do {
      count = leiden(graph, {.resolution = search.next}, Randomness(1)).labels.max().item<int64_t>() + 1;
    } while (search.learn(count, wanted));
    EXPECT_EQ(count, wanted);
  }
  ResolutionSearch search;  // a count that cannot be
  do {
    EXPECT_LT(search.tried, ResolutionSearch::kMostTries);
  } while (search.learn(search.next < 3 ? 2 : 4, 3));
  EXPECT_NEAR(search.next, 3, 1e-4);
}

TEST(Leiden, WhatCannotBeIsAnError) {
  Graph graph = ring_of_cliques(3, 3);
  EXPECT_RAISES(leiden(graph, {.resolution = 0}, Randomness(1)), ArgumentError, "resolution must be above 0");
  EXPECT_RAISES(leiden_pass(graph, longs({0, 1}), {}, Randomness(1)), ArgumentError, "one for each of 9 examples");
  EXPECT_THROW(leiden(graph, {}, Randomness(1), [] { return true; }), Interrupted);
}

}  // namespace
}  // namespace cleave::classical
