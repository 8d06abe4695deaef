#include "cleave/classical/spectral.h"

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/classical/umap.h"
#include "tests/support/reference.h"

namespace cleave::classical {
namespace {

using tests::near;

SparseRows graph_of(const Tensor& x, int64_t k) {
  return umap_graph(nearest(x, x, k, /*leave_self_out=*/true));
}

TEST(SpectralMap, SpansTheEigenvectorsThatADenseSolverFinds) {
  Tensor x = at::rand({600, 2}, Randomness(1).stream("test"), at::kDouble);
  x.select(1, 0).mul_(3);  // a rectangle, whose first eigenvalues lie apart
  SparseRows graph = graph_of(x, 10);
  Tensor a = at::zeros({600, 600}, at::kDouble);
  Tensor rows = at::arange(600).repeat_interleave(graph.starts.diff());
  a.index_put_({rows, graph.columns.to(at::kLong)}, graph.values.to(at::kDouble));
  Tensor root = a.sum(1).rsqrt();
  Tensor exact = std::get<1>(at::linalg_eigh(root.unsqueeze(1) * a * root)).flip(1).slice(1, 1, 3);
  Tensor found = spectral_map(graph, 2, Randomness(2)).to(at::kDouble);
  Tensor cosines = at::linalg_svdvals(exact.t().mm(found));
  EXPECT_GT(cosines.min().item<double>(), 0.98);
  EXPECT_TRUE(near(found.t().mm(found), at::eye(2, at::kDouble), 1e-4));
}

TEST(SpectralMap, SmallAndLargeGraphsOfARingGiveACircle) {
  for (int64_t n : {40, 600}) {
    Tensor angle = at::arange(n, at::kDouble) * (2 * 3.14159265358979 / static_cast<double>(n));
    Tensor x = at::stack({angle.cos(), angle.sin()}, 1);
    Tensor map = spectral_map(graph_of(x, 4), 2, Randomness(1));
    Tensor radius = map.square().sum(1).sqrt() * std::sqrt(static_cast<double>(n) / 2);
    EXPECT_TRUE(near(radius, at::ones({n}), 0.05)) << n;
  }
}

TEST(SpectralMap, ComponentsAreNumberedByFirstVertex) {
  Tensor x = at::tensor({0.0, 10.0, 0.1, 10.1, 0.2, 20.0, 20.1}).unsqueeze(1);
  const SparseRows graph = graph_of(x, 1);
  EXPECT_TRUE(connected_components(graph.starts, graph.columns).equal(at::tensor({0, 1, 0, 1, 0, 2, 2}, at::kLong)));
}

TEST(SpectralMap, RefusesWhatCannotBe) {
  SparseRows graph = graph_of(at::arange(5, at::kDouble).unsqueeze(1), 2);
  EXPECT_THROW(spectral_map(graph, 4, Randomness(0)), ArgumentError);
  EXPECT_THROW(spectral_map(graph, 0, Randomness(0)), ArgumentError);
}

}  // namespace
}  // namespace cleave::classical
