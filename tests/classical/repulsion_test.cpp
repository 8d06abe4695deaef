#include "cleave/classical/repulsion.h"

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/base/random.h"
#include "cleave/classical/lanes.h"
#include "tests/support/noise.h"
#include "tests/support/reference.h"
#include "tests/support/threads.h"

namespace cleave::classical {
namespace {

using tests::near;
using tests::noise;
using tests::on_one_and_three_threads;

/// As in a finished map: clusters, some points far apart and some in one place.
Tensor map_of(int64_t n, int64_t width, double scale) {
  Tensor centres = noise({8, width}, 2) * scale;
  Tensor y = centres.index_select(0, at::arange(n) % 8) + noise({n, width}) * (scale / 8);
  y.slice(0, 0, 5) = y[5];
  return y;
}

double relative(const Tensor& found, const Tensor& expected) {
  return ((found.to(at::kDouble) - expected).norm() / expected.norm()).item<double>();
}

/// The definition.
Repulsion by_definition(Kernel kernel, const Tensor& t, const Tensor& y, const Tensor& weights) {
  Tensor difference = t.unsqueeze(1) - y.unsqueeze(0), squares = difference.square().sum(2);
  Tensor k = (kernel == Kernel::kCauchy ? 1 / (1 + squares) : (-squares).exp()) * weights;
  Tensor w = kernel == Kernel::kCauchy ? k / (1 + squares) : k;
  return {(w.unsqueeze(2) * difference).sum(1), k.sum(1)};
}

TEST(Exponential, IsThatOfTheStandardLibrary) {
  for (double s = 0; s < 90; s += 0.37) {
    EXPECT_NEAR(exp_of_minus(s) / std::exp(-s), 1, 1e-15) << s;
    if (s < 87) EXPECT_NEAR(exp_of_minus(static_cast<float>(s)) / std::exp(-static_cast<float>(s)), 1, 3e-7) << s;
  }
  EXPECT_LT(exp_of_minus(1e300), 1e-300);
  EXPECT_LT(exp_of_minus(1e30f), 1e-37f);
}

TEST(Logarithm, IsThatOfTheStandardLibrary) {
  for (float x = 1; x < 1e9f; x *= 1.037f)
    EXPECT_NEAR(log_of_normal(x), std::log(x), 4e-7 * std::max(1.0, std::log(static_cast<double>(x)))) << x;
}

TEST(Repulsion, ExactSumsAreTheDefinition) {
  for (Kernel kernel : {Kernel::kCauchy, Kernel::kGaussian}) {
    for (int64_t width : {1, 2, 3}) {
      Tensor y = noise({37, width}), t = noise({11, width}, 3), weights = noise({37}, 4).abs();
      Repulsion expected = by_definition(kernel, t, y, weights), found = exact_repulsion(kernel, t, y, weights);
      EXPECT_TRUE(near(found.forces, expected.forces, 1e-13));
      EXPECT_TRUE(near(found.totals, expected.totals, 1e-13));
      Repulsion single = exact_repulsion(kernel, t.to(at::kFloat), y.to(at::kFloat), weights);
      EXPECT_LT(relative(single.forces, expected.forces), 1e-6);
      Repulsion others = exact_repulsion(kernel, y, y, {}, /*leave_self_out=*/true);
      EXPECT_TRUE(near(others.totals + 1, by_definition(kernel, y, y, at::ones({37})).totals, 1e-13));
    }
  }
}

struct Approximate {
  const char* name;
  std::unique_ptr<RepulsiveField> field;
  int64_t widest;
};
std::vector<Approximate> approximate_fields() {
  std::vector<Approximate> result;
  result.push_back({"tree", make_tree_field(), 3});
  result.push_back({"grid", make_grid_field(), 2});
  return result;
}

TEST(Repulsion, ApproximationsComeWithinOneHundredthOfTheExactForces) {
  for (auto& [name, field, widest] : approximate_fields()) {
    for (int64_t width = 1; width <= widest; ++width) {
      for (double scale : {1e-4, 1.0, 30.0}) {  // a map that starts, one on its way, and a finished one
        for (auto type : {at::kFloat, at::kDouble}) {
          Tensor y = map_of(3000, width, scale).to(type);
          Repulsion exact = exact_repulsion(Kernel::kCauchy, y.to(at::kDouble), y.to(at::kDouble));
          field->set_sources(y);
          Repulsion found = field->at(y);
          EXPECT_EQ(found.forces.scalar_type(), type);
          EXPECT_LT(relative(found.forces, exact.forces), 1e-2) << name << " " << width << " " << scale;
          EXPECT_LT(relative(found.totals, exact.totals), 1e-2) << name << " " << width << " " << scale;
        }
      }
    }
  }
}

TEST(Repulsion, AFinerGridAndASmallerAngleAreCloser) {
  Tensor y = map_of(2000, 2, 20);
  Repulsion exact = exact_repulsion(Kernel::kCauchy, y, y);
  double before = 1;
  for (double spacing : {0.8, 0.4, 0.2}) {
    auto grid = make_grid_field(spacing);
    grid->set_sources(y);
    double error = relative(grid->at(y).forces, exact.forces);
    EXPECT_LT(error, before / 5);
    before = error;
  }
  auto tree = make_tree_field(0);
  tree->set_sources(y);
  EXPECT_LT(relative(tree->at(y).forces, exact.forces), 1e-12);
}

TEST(Repulsion, PointsBesideTheMapFeelItToo) {
  Tensor y = map_of(2000, 2, 10), t = map_of(200, 2, 11) + 1;
  Repulsion exact = exact_repulsion(Kernel::kCauchy, t, y);
  for (auto& [name, field, widest] : approximate_fields()) {
    field->set_sources(y, /*margin=*/20);
    EXPECT_LT(relative(field->at(t).forces, exact.forces), 1e-2) << name;
    Repulsion some = field->at(t.slice(0, 50, 60)), all = field->at(t);
    EXPECT_TRUE(some.forces.equal(all.forces.slice(0, 50, 60))) << name;
  }
}

TEST(Repulsion, IsTheSameBitsForAnyNumberOfThreads) {
  Tensor y = map_of(20000, 2, 25).to(at::kFloat);
  for (Approximation approximation : {Approximation::kExact, Approximation::kBarnesHut, Approximation::kInterpolated}) {
    Tensor points = approximation == Approximation::kExact ? y.slice(0, 0, 1500).contiguous() : y;
    auto [one, three] = on_one_and_three_threads([&] {
      auto field = make_field(approximation, points.size(0), 2);
      field->set_sources(points);
      return field->at(points);
    });
    EXPECT_TRUE(one.forces.equal(three.forces)) << static_cast<int>(approximation);
    EXPECT_TRUE(one.totals.equal(three.totals)) << static_cast<int>(approximation);
  }
}

TEST(Repulsion, OfPointsInOnePlaceIsNothing) {
  Tensor y = at::full({40, 2}, 3.0, at::kDouble);
  for (auto& [name, field, widest] : approximate_fields()) {
    field->set_sources(y);
    Repulsion found = field->at(y);
    EXPECT_TRUE(near(found.forces, at::zeros_like(y), 1e-3)) << name;
    EXPECT_TRUE(near(found.totals, at::full({40}, 40.0), 1e-2)) << name;
  }
}

TEST(Repulsion, RefusesWhatItCannotDo) {
  EXPECT_THROW(make_field(Approximation::kInterpolated, 100, 3), ArgumentError);
  EXPECT_THROW(make_field(Approximation::kAuto, 100, 4), ArgumentError);
  EXPECT_THROW(make_tree_field(0.9), ArgumentError);
  EXPECT_THROW(make_grid_field(0), ArgumentError);
  EXPECT_EQ(resolved(Approximation::kAuto, 500, 2), Approximation::kExact);
  EXPECT_EQ(resolved(Approximation::kAuto, 5000, 2), Approximation::kInterpolated);
  EXPECT_EQ(resolved(Approximation::kAuto, 5000, 3), Approximation::kBarnesHut);
}

}  // namespace
}  // namespace cleave::classical
