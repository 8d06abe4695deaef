#include "cleave/classical/graph.h"

#include <numeric>

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/base/random.h"
#include "cleave/classical/cliques.h"
#include "tests/support/noise.h"
#include "tests/support/raises.h"
#include "tests/support/reference.h"
#include "tests/support/threads.h"

namespace cleave::classical {
namespace {

using tests::near;
using tests::noise;
using tests::reference;
using tests::tensor_of;

Tensor longs(std::vector<int64_t> values) {
  return at::tensor(values, at::kLong);
}

/// Whether two partitions put the same examples together.
bool same_parts(const Tensor& a, const Tensor& b) {
  return numbered_by_size(a).equal(numbered_by_size(b));
}

std::vector<std::vector<int64_t>> lists(const Cliques& cliques) {
  std::vector<std::vector<int64_t>> result;
  const auto* members = cliques.members.const_data_ptr<int64_t>();
  for (int64_t k = 0; k < cliques.count(); ++k) {
    result.emplace_back(members + cliques.offsets[k].item<int64_t>(), members + cliques.offsets[k + 1].item<int64_t>());
  }
  return result;
}

/// [N, N] of a graph, which must be symmetric with rising targets.
Tensor dense(const Graph& graph) {
  Tensor from = at::repeat_interleave(at::arange(graph.size()), graph.offsets.diff());
  Tensor result = at::zeros({graph.size(), graph.size()}, at::kDouble);
  result.index_put_({from, graph.targets}, graph.weights);
  EXPECT_TRUE(result.equal(result.t()));
  EXPECT_EQ(result.count_nonzero().item<int64_t>(), graph.targets.size(0));
  EXPECT_EQ(result.diagonal().count_nonzero().item<int64_t>(), 0);
  Tensor place = from * graph.size() + graph.targets;
  EXPECT_TRUE((place.diff() > 0).all().item<bool>());
  return result;
}

Graph complete(int64_t n) {
  return graph_of_edges(n, at::ones({n, n}).triu(1).nonzero());
}

TEST(Graph, OfNeighboursIsThatOfScikitLearn) {
  auto stored = reference("graph")["neighbours"];
  Tensor x = tensor_of(stored["points"]);
  Neighbours near_ones = nearest(x, x, stored["k"].get<int64_t>(), /*leave_self_out=*/true);
  Graph graph = neighbour_graph(near_ones, EdgeRule::kUnion, EdgeWeight::kOne);
  EXPECT_TRUE(graph.edges().equal(tensor_of<int64_t>(stored["edges"])));
  EXPECT_TRUE(same_parts(connected_components(graph), tensor_of<int64_t>(stored["components"])));
}

TEST(Graph, OfARadiusIsThatOfScikitLearnToTheLastEdge) {
  auto stored = reference("graph")["plane"];
  for (at::ScalarType type : {at::kDouble, at::kFloat}) {
    Graph graph = radius_graph(tensor_of(stored["points"]).to(type), stored["eps"].get<double>(), EdgeWeight::kOne);
    EXPECT_TRUE(graph.edges().equal(tensor_of<int64_t>(stored["edges"])));
    EXPECT_TRUE(same_parts(connected_components(graph), tensor_of<int64_t>(stored["components"])));
  }
}

TEST(Graph, OfARadiusHoldsPairsAtExactlyThatDistanceAndFarFromTheOrigin) {
  Tensor line = at::arange(2500, at::kDouble).unsqueeze(1);  // several blocks
  EXPECT_EQ(radius_graph(line, 1, EdgeWeight::kOne).edge_count(), 2499);
  EXPECT_EQ(radius_graph(line + 1e9, 2, EdgeWeight::kOne).edge_count(), 2499 + 2498);
  EXPECT_EQ(radius_graph(line, 0.999, EdgeWeight::kOne).edge_count(), 0);
  EXPECT_EQ(radius_graph(line.to(at::kFloat), 3, EdgeWeight::kOne).edge_count(), 2499 + 2498 + 2497);
}

TEST(Graph, MutualNeighboursAreThoseOfBoth) {
  Tensor x = noise({80, 3});
  Neighbours found = nearest(x, x, 5, true);
  Tensor has = at::zeros({80, 80}, at::kBool).scatter_(1, found.indices, true);
  Tensor both = dense(neighbour_graph(found, EdgeRule::kMutual, EdgeWeight::kOne));
  Tensor either = dense(neighbour_graph(found, EdgeRule::kUnion, EdgeWeight::kOne));
  EXPECT_TRUE(both.to(at::kBool).equal(has.logical_and(has.t())));
  EXPECT_TRUE(either.to(at::kBool).equal(has.logical_or(has.t())));
}

TEST(Graph, WeightsAreTheirDefinitions) {
  Tensor x = noise({60, 3});
  const int64_t k = 6;
  Neighbours found = nearest(x, x, k, true);
  Tensor close = at::zeros({60, 60}, at::kDouble).scatter_(1, found.indices, 1.0) + at::eye(60, at::kDouble);
  Tensor shared = close.mm(close.t());
  Tensor joined = dense(neighbour_graph(found, EdgeRule::kUnion, EdgeWeight::kOne));
  EXPECT_TRUE(
      near(dense(neighbour_graph(found, EdgeRule::kUnion, EdgeWeight::kShared)), joined * shared / (k + 1), 1e-15));
  EXPECT_TRUE(near(dense(neighbour_graph(found, EdgeRule::kUnion, EdgeWeight::kJaccard)),
                   joined * shared / (2 * (k + 1) - shared), 1e-15));
  Tensor scale = found.distances.select(1, k - 1);
  Tensor squares = (x.unsqueeze(1) - x).square().sum(2);
  EXPECT_TRUE(near(dense(neighbour_graph(found, EdgeRule::kUnion, EdgeWeight::kGaussian)),
                   joined * (-squares / (scale.unsqueeze(1) * scale)).exp(), 1e-12));

  Tensor within = (squares <= 1).to(at::kDouble) - at::eye(60, at::kDouble);
  Tensor about = within + at::eye(60, at::kDouble);
  Tensor both = about.mm(about.t()), sizes = about.sum(1);
  EXPECT_TRUE(near(dense(radius_graph(x, 1, EdgeWeight::kJaccard)), within * both / (sizes.unsqueeze(1) + sizes - both),
                   1e-15));
  EXPECT_TRUE(near(dense(radius_graph(x, 1, EdgeWeight::kGaussian)), within * (-squares).exp(), 1e-12));
}

TEST(Graph, EqualExamplesAreJoinedAtFullWeight) {
  Tensor x = at::ones({6, 2}, at::kDouble);
  Graph graph = radius_graph(x, 1e-9, EdgeWeight::kGaussian);
  EXPECT_EQ(graph.edge_count(), 15);
  EXPECT_TRUE((graph.weights == 1).all().item<bool>());
  Graph of_neighbours = neighbour_graph(nearest(x, x, 2, true), EdgeRule::kUnion, EdgeWeight::kGaussian);
  EXPECT_TRUE((of_neighbours.weights == 1).all().item<bool>());
  EXPECT_EQ(maximal_cliques(graph).count(), 1);
}

TEST(Graph, DoesNotDependOnTheNumberOfThreads) {
  Tensor x = noise({3000, 4}).to(at::kFloat);
  std::vector<Graph> graphs;
  for (int threads : {1, 3}) {
    ThreadScope scope(threads);
    graphs.push_back(radius_graph(x, 0.4, EdgeWeight::kJaccard));
    graphs.push_back(neighbour_graph(nearest(x, x, 8, true), EdgeRule::kUnion, EdgeWeight::kJaccard));
  }
  for (size_t i : {0, 1}) {
    EXPECT_TRUE(graphs[i].targets.equal(graphs[i + 2].targets));
    EXPECT_TRUE(graphs[i].weights.equal(graphs[i + 2].weights));
  }
}

TEST(Graph, OfEdgesAddsThoseGivenTwiceAndDropsLoops) {
  Graph graph = graph_of_edges(3, longs({0, 1, 1, 0, 2, 2}).view({3, 2}), at::tensor({1.0, 0.5, 7.0}, at::kDouble));
  EXPECT_EQ(graph.edge_count(), 1);
  EXPECT_TRUE((graph.weights == 1.5).all().item<bool>());
}

TEST(Graph, OneExampleIsAGraph) {
  Graph graph = radius_graph(at::ones({1, 2}), 1, EdgeWeight::kJaccard);
  EXPECT_EQ(graph.size(), 1);
  EXPECT_TRUE(connected_components(graph).equal(longs({0})));
  EXPECT_EQ(maximal_cliques(graph, 1).count(), 1);
  EXPECT_EQ(maximal_cliques(graph, 2).count(), 0);
  EXPECT_EQ(graph.edges().size(0), 0);
}

TEST(Graph, PartsAreNumberedBySizeThenByFirstMember) {
  EXPECT_TRUE(numbered_by_size(longs({7, 3, 3, 9, 7, 3, 9})).equal(longs({1, 0, 0, 2, 1, 0, 2})));
}

TEST(Graph, WhatCannotBeIsAnError) {
  Tensor x = noise({10, 2});
  EXPECT_RAISES(radius_graph(x, 0, EdgeWeight::kOne), ArgumentError, "eps must be above 0");
  EXPECT_RAISES(radius_graph(x, 100, EdgeWeight::kOne, 10), ArgumentError, "make eps smaller");
  x[3][1] = std::numeric_limits<double>::infinity();
  EXPECT_RAISES(radius_graph(x, 1, EdgeWeight::kOne), DataError, "not finite");
  EXPECT_RAISES(graph_of_edges(2, longs({0, 2}).view({1, 2})), ArgumentError, "there are 2 examples");
  EXPECT_RAISES(graph_of_edges(2, longs({0, 1}).view({1, 2}), at::zeros({1})), ArgumentError, "must be above 0");
  Neighbours itself{longs({0, 1}).view({2, 1}), at::zeros({2, 1}, at::kDouble)};
  EXPECT_RAISES(neighbour_graph(itself, EdgeRule::kUnion, EdgeWeight::kOne), ArgumentError, "is no neighbour");
  EXPECT_THROW(radius_graph(noise({10, 2}), 1, EdgeWeight::kOne, 100, [] { return true; }), Interrupted);
}

TEST(Cliques, AreThoseOfIgraph) {
  auto stored = reference("graph");
  for (const char* name : {"karate", "neighbours", "planted"}) {
    Graph graph = graph_of_edges(stored[name]["n"], tensor_of<int64_t>(stored[name]["edges"]));
    EXPECT_EQ(nlohmann::json(lists(maximal_cliques(graph, 3))), stored[name]["cliques"]) << name;
  }
  Graph plane = graph_of_edges(40, tensor_of<int64_t>(stored["plane"]["edges"]));
  EXPECT_EQ(nlohmann::json(lists(maximal_cliques(plane, 1))), stored["plane"]["cliques"]);
}

TEST(Cliques, OfTheMoonMoserGraphAreThreeToTheThird) {
  // Nine examples in three groups of three, joined unless in the same group.
  Tensor group = at::arange(9).div(3, "floor");
  Graph graph = graph_of_edges(9, (group.unsqueeze(1) < group).nonzero());
  Cliques cliques = maximal_cliques(graph);
  EXPECT_EQ(cliques.count(), 27);
  EXPECT_TRUE((cliques.offsets.diff() == 3).all().item<bool>());
  EXPECT_RAISES(maximal_cliques(graph, 2, 26), ArgumentError, "more than 26 maximal cliques");
}

TEST(Cliques, ShareTheirMembersEvenly) {
  // Two triangles with a corner in common, and an example on its own.
  Graph graph = graph_of_edges(6, longs({0, 1, 0, 2, 1, 2, 2, 3, 2, 4, 3, 4}).view({6, 2}));
  Cliques cliques = maximal_cliques(graph);
  EXPECT_EQ(lists(cliques), (std::vector<std::vector<int64_t>>{{0, 1, 2}, {2, 3, 4}}));
  Tensor expected = at::tensor({1.F, 0.F, 1.F, 0.F, .5F, .5F, 0.F, 1.F, 0.F, 1.F, 0.F, 0.F}).view({6, 2});
  EXPECT_TRUE(clique_membership(cliques, 6).equal(expected));
}

TEST(Cliques, OfACompleteGraphIsAllOfItAndATooDenseOneIsAnError) {
  EXPECT_EQ(lists(maximal_cliques(complete(200), 200)).size(), 1u);
  EXPECT_EQ(maximal_cliques(complete(200), 201).count(), 0);
  EXPECT_RAISES(maximal_cliques(complete(2100)), ArgumentError, "too many to search");
}

}  // namespace
}  // namespace cleave::classical
