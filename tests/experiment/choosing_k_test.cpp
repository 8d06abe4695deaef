#include "cleave/experiment/choosing_k.h"

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "tests/support/raises.h"
#include "tests/support/threads.h"

namespace cleave::experiment {
namespace {

constexpr ChoosingOptions kQuick{.most_clusters = 8, .most_examples = 400, .references = 5, .bootstraps = 5};

/// `clusters` groups along a line and off it, far apart.
Tensor groups(int64_t clusters, int64_t size, int64_t width, double spread = 12) {
  Tensor centres = spread * at::randn({clusters, width}, Randomness(4).stream("centres"));
  return centres.repeat({size, 1}) + at::randn({clusters * size, width}, Randomness(5).stream("noise"));
}

TEST(ChoosingK, EveryCriterionFindsGroupsThatAreClear) {
  for (int64_t clusters : {2, 3, 5}) {
    ChoiceOfK choice = choose_k(groups(clusters, 60, 4), kQuick, Randomness(1));
    ASSERT_EQ(choice.criteria.size(), 4u);
    for (const Criterion& criterion : choice.criteria)
      EXPECT_EQ(criterion.favours, clusters) << criterion.name;
    EXPECT_EQ(choice.chosen, clusters);
    EXPECT_EQ(choice.reason, std::to_string(clusters) + " clusters, as silhouette, gap, BIC and stability favour");
    EXPECT_EQ(choice.tried.size(), 8u);
    EXPECT_EQ(choice.dimensions, 4);
  }
}

TEST(ChoosingK, OneCloudIsOneClusterToTheGapAndToBic) {
  ChoiceOfK choice = choose_k(at::randn({400, 3}, Randomness(2).stream("cloud")), kQuick, Randomness(1));
  EXPECT_EQ(choice.criteria[1].favours, 1);
  EXPECT_EQ(choice.criteria[2].favours, 1);
  EXPECT_EQ(choice.chosen, 1);
}

TEST(ChoosingK, WhatCountsForItselfCountsLikeACriterion) {
  int64_t seen = 0;
  auto own = [&](const Tensor& sample) {
    seen = sample.size(0);
    return OwnCount{"HDBSCAN", 3};
  };
  ChoiceOfK choice = choose_k(groups(3, 200, 30), kQuick, Randomness(1), {}, {}, {own});
  EXPECT_EQ(seen, 400);
  EXPECT_EQ(choice.examples, 400);
  EXPECT_EQ(choice.dimensions, 20);
  EXPECT_EQ(choice.reason, "3 clusters, as silhouette, gap, BIC, stability and HDBSCAN favour");
}

TEST(ChoosingK, IsTheSameWheneverItIsAsked) {
  Tensor x = groups(4, 50, 3, 2);
  EXPECT_EQ(as_settings(choose_k(x, kQuick, Randomness(1))), as_settings(choose_k(x, kQuick, Randomness(1))));
}

TEST(ChoosingK, DoesNotDependOnTheNumberOfThreadsButForRounding) {
  Tensor x = groups(4, 50, 3, 2);
  auto [one, three] = tests::on_one_and_three_threads([&] { return choose_k(x, kQuick, Randomness(1)); });
  EXPECT_EQ(one.reason, three.reason);
  for (size_t c = 0; c < one.criteria.size(); ++c) {
    EXPECT_EQ(one.criteria[c].favours, three.criteria[c].favours);
    for (size_t i = 1; i < one.tried.size(); ++i)
      EXPECT_NEAR(one.criteria[c].values[i], three.criteria[c].values[i], 1e-4 * std::abs(one.criteria[c].values[i]));
  }
}

TEST(ChoosingK, WideExamplesKeepTheirGroups) {
  ChoiceOfK choice = choose_k(groups(3, 40, 3000, 1), kQuick, Randomness(1));
  EXPECT_EQ(choice.chosen, 3);
  EXPECT_EQ(choice.dimensions, 20);
}

TEST(ChoosingK, FewDifferentExamplesAreTheirOwnClusters) {
  EXPECT_EQ(choose_k(at::ones({1, 3}), kQuick, Randomness(1)).chosen, 1);
  EXPECT_EQ(choose_k(at::ones({50, 3}), kQuick, Randomness(1)).reason, "1 cluster: all examples are equal");
  Tensor two = at::cat({at::zeros({20, 2}), at::ones({20, 2})});
  EXPECT_EQ(choose_k(two, kQuick, Randomness(1)).chosen, 2);
  Tensor four = at::cat({two, two + 5});
  ChoiceOfK choice = choose_k(four, kQuick, Randomness(1));
  EXPECT_EQ(choice.tried.size(), 4u);
  EXPECT_EQ(choice.chosen, 4);
  EXPECT_EQ(choose_k(at::arange(6).unsqueeze(1).to(at::kFloat), kQuick, Randomness(1)).tried.size(), 5u);
}

TEST(ChoosingK, EqualExamplesCountOnceWhereverTheyStand) {
  Tensor two = at::randn({2, 7}, Randomness(3).stream("two")).index_select(0, at::arange(301) % 2);
  EXPECT_EQ(choose_k(two, kQuick, Randomness(1)).reason, "2 clusters: there are two different examples");
  two = at::tensor({0.F, -0.F, 1.F}).index_select(0, at::arange(30) % 3).unsqueeze(1);
  EXPECT_EQ(choose_k(two, kQuick, Randomness(1)).chosen, 2);
}

TEST(ChoosingK, GoesOnStepByStepAndStopsWhenAsked) {
  std::vector<int64_t> steps;
  choose_k(groups(3, 20, 2), kQuick, Randomness(1), {}, [&](int64_t done, int64_t all) {
    EXPECT_EQ(all, 8);
    steps.push_back(done);
  });
  EXPECT_EQ(steps.size(), 8u);
  EXPECT_THROW(choose_k(groups(3, 20, 2), kQuick, Randomness(1), [] { return true; }), Interrupted);
  Tensor x = groups(3, 20, 2);
  x[3][1] = std::numeric_limits<float>::infinity();
  EXPECT_RAISES(choose_k(x, kQuick, Randomness(1)), DataError, "not finite");
}

}  // namespace
}  // namespace cleave::experiment
