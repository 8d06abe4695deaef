// The measures of a finished run at values worked out by hand, for a method whose every answer is known.
#include "cleave/experiment/evaluate.h"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "cleave/experiment/factors.h"
#include "tests/support/linear_model.h"
#include "tests/support/temporary_folder.h"

namespace cleave::experiment {
namespace {

/// The linear model, whose information about its latents is written in the features from the third on.
class Telling : public tests::LinearModel {
 public:
  Tensor information(const Tensor& x) override { return x.slice(1, 2); }
};

Tensor numbers(const std::vector<double>& values) {
  return at::tensor(values, at::kDouble);
}

/// Ten examples in each of three quarters of the unit square, which are the clusters 0, 1 and 2 of the linear model:
/// [30, 2], near the middle of the quarter, so that neighbours share it.
Tensor three_groups() {
  const Tensor centres = at::tensor({0.25F, 0.25F, 0.75F, 0.25F, 0.25F, 0.75F}).view({3, 2});
  return centres.repeat_interleave(10, 0) + 0.05 * at::rand({30, 2}, Randomness(1).stream("groups"));
}

const Tensor kGroups = at::arange(3).repeat_interleave(10);

class Evaluate : public testing::Test {
 protected:
  /// A run that has ended, asked about these examples.
  FinishedRun run(const Tensor& x, const Tensor& labels) {
    RunConfig config;
    config.method = "linear";
    data::Dataset dataset{.name = "groups", .shape = {x.size(1)}, .labels = labels};
    dataset.examples.dense = x;
    FittedModel fitted;
    fitted.model = std::make_shared<Telling>();
    return {RunFolder::create(folder_ / std::to_string(runs_++), config, Settings::object()), std::move(fitted),
            std::move(dataset)};
  }

  static Settings measured(const FinishedRun& run) { return evaluate(run, {.iwae_samples = 0}); }

  tests::TemporaryFolder folder_;
  int64_t runs_ = 0;
};

// Clusters 1 and 2 share a label: the cluster tells the label, so that their mutual information is the label's entropy,
// log 3 less a choice of two for two examples of three. Of the pairs of examples, 435, both partitions join 3 x 45, the
// clusters 3 x 45 and the labels 45 + 190.
TEST_F(Evaluate, EveryMeasureOfAgreementStandsUnderItsOwnName) {
  const Settings facet = measured(run(three_groups(), kGroups.clamp_max(1)))["facets"][0];
  const double of_clusters = std::log(3.0), of_labels = std::log(3.0) - 2.0 / 3 * std::log(2.0);
  const double chance = 135.0 * 235 / 435;
  const std::map<std::string, double> expected = {
      {"accuracy_hungarian", 2.0 / 3},
      {"accuracy_majority", 1},
      {"homogeneity", 1},
      {"completeness", of_labels / of_clusters},                          // 0.5794
      {"nmi_arithmetic", 2 * of_labels / (of_labels + of_clusters)},      // 0.7337
      {"nmi_geometric", of_labels / std::sqrt(of_labels * of_clusters)},  // 0.7612
      {"nmi_max", of_labels / of_clusters},
      {"ari", (135 - chance) / ((135 + 235) / 2.0 - chance)}};
  for (const auto& [name, value] : expected)
    EXPECT_NEAR(facet[name].get<double>(), value, 1e-12) << name;
  EXPECT_EQ(facet["examples"], 30);
  EXPECT_EQ(facet["against"], "label");
}

TEST_F(Evaluate, TheSurestExampleDecidesForItsClusterInTheSimpleAccuracyAlone) {
  Tensor x = three_groups().slice(0, 0, 20), labels = kGroups.slice(0, 0, 20).clone();
  x[0].zero_();  // in its corner: the surest of cluster 0
  labels[0] = 1;
  const Settings facet = measured(run(x, labels))["facets"][0];
  EXPECT_EQ(facet["accuracy_simple"], 11.0 / 20) << "itself and cluster 1";
  EXPECT_EQ(facet["accuracy_majority"], 19.0 / 20);
}

TEST_F(Evaluate, TestExamplesAskTheirNeighboursAmongTheTrainingExamples) {
  const Tensor x = three_groups(), others = (kGroups + 1).remainder(3);  // wrong for all, right among themselves
  FinishedRun split = run(at::cat({x, x.flip(0)}), at::cat({kGroups, others.flip(0)}));
  split.dataset.train_count = 30;
  const Settings result = measured(split);
  for (const char* k : {"3", "5", "10"})
    EXPECT_EQ(result["knn_error"][k], 1) << k;
  EXPECT_EQ(result["knn_split"], "train to test");
}

TEST_F(Evaluate, WithoutLabelsOfTheTestExamplesTheTrainingExamplesAskEachOther) {
  FinishedRun split = run(three_groups().repeat({2, 1}), at::cat({kGroups, at::full({30}, -1, at::kLong)}));
  split.dataset.train_count = 30;
  const Settings result = measured(split);
  EXPECT_EQ(result["knn_error"]["5"], 0);
  EXPECT_EQ(result["knn_split"], "leave one out");
}

// u = 0 ... 9 in both of two classes: v = u in the first and 100 + u in the second, and a latent that goes with it by u
// and 100 - u. The variance of v is 8.25 within and 50^2 between classes, that of the latent 8.25 and 45.5^2, and their
// covariance 0 and 50 x 45.5. The other latent has a large mean and next to no slope: uncentred it would go with v.
class Correlations : public testing::Test {
 protected:
  static Settings correlations(const std::vector<Tensor>& latents, const Tensor& v, const Tensor& labels) {
    data::Dataset dataset{.name = "factors", .shape = {1}, .labels = labels};
    dataset.examples.dense = at::zeros({labels.size(0), 1});
    dataset.factors = {{"v", v}};
    Settings result;
    add_factor_correlations(result, at::stack(latents, 1), dataset);
    return result;
  }

  const Tensor u_ = at::arange(10, at::kDouble), classes_ = at::arange(2).repeat_interleave(10);
  const Tensor v_ = at::cat({u_, 100 + u_});
  const Tensor turning_ = at::cat({u_, 100 - u_}), level_ = 1000 + (at::arange(20) % 2).to(at::kDouble);
};

TEST_F(Correlations, AClassThatGoesTheOtherWayIsSeenWhateverItsMean) {
  const Settings result = correlations({turning_, level_}, v_, classes_);
  EXPECT_EQ(result["factor_latent"]["v"], 0);
  EXPECT_NEAR(result["factor_correlation"]["v"].get<double>(),
              50 * 45.5 / std::sqrt((50 * 50 + 8.25) * (45.5 * 45.5 + 8.25)), 1e-12);
  EXPECT_NEAR(result["factor_correlation_in_class"]["v"].get<double>(), -1, 1e-12);
}

TEST_F(Correlations, ALatentThatFallsAsTheFactorRisesGoesWithItInEveryClass) {
  const Settings result = correlations({level_, -v_}, v_, classes_);
  EXPECT_EQ(result["factor_latent"]["v"], 1);
  EXPECT_NEAR(result["factor_correlation"]["v"].get<double>(), 1, 1e-12);
  EXPECT_NEAR(result["factor_correlation_in_class"]["v"].get<double>(), 1, 1e-12);
}

TEST_F(Correlations, ClassesOfOneValueOrFewerThanTenExamplesAreNotAsked) {
  const Tensor few = at::arange(9, at::kDouble), still = at::full({12}, 50, at::kDouble);
  const Tensor v = at::cat({u_, 100 + few, still}), latent = at::cat({u_, 100 - few, 50 + at::arange(12)});
  const Tensor classes = at::arange(3).repeat_interleave(at::tensor({10, 9, 12}));
  EXPECT_NEAR(correlations({latent}, v, classes)["factor_correlation_in_class"]["v"].get<double>(), 1, 1e-12);
}

TEST(FacetsAgainstFactors, ByArithmeticMutualInformationAndTheBestOfThem) {
  data::Dataset dataset{.name = "factors", .shape = {1}};
  dataset.examples.dense = at::zeros({30, 1});
  const Tensor classes = kGroups.to(at::kDouble);
  dataset.factors = {{"none", at::arange(30).remainder(10).to(at::kDouble), true},
                     {"two", classes.clamp_max(1), true},
                     {"constant", at::zeros({30}, at::kDouble), true}};
  const Settings entry = facets_against_factors({{.layer = 1, .clusters = 3}}, {{kGroups, at::ones({30})}}, dataset)[0];
  EXPECT_EQ(entry["layer"], 1);
  EXPECT_NEAR(entry["nmi"]["two"].get<double>(), 0.7337, 1e-4) << "as above";
  EXPECT_NEAR(entry["nmi"]["none"].get<double>(), 0, 1e-12);
  EXPECT_EQ(entry["nmi"].size(), 2u) << "what does not vary is left out";
  EXPECT_EQ(entry["best"], "two");
}

// Mean nats of three latents in four classes; "mark" varies in classes 1 and 3. Latent 0 is busy everywhere, and latent
// 2 in class 1 alone: latent 1 parts the classes that have the mark from those that do not by 2.5 - 1.
TEST_F(Evaluate, AFactorOfSomeClassesIsDetectedByTheLatentThatIsBusyInAllOfThemAndInNoOther) {
  const Tensor nats = at::tensor({3.0F, 0.5F, 0.0F, 4.0F, 2.5F, 9.0F, 3.5F, 1.0F, 0.0F, 5.0F, 3.0F, 1.0F}).view({4, 3});
  const Tensor labels = at::arange(4).repeat_interleave(2), about = at::tensor({-0.5F, 0.5F}).repeat({4}).unsqueeze(1);
  const Tensor x = at::cat({at::zeros({8, 2}), nats.repeat_interleave(2, 0) + about}, 1);
  FinishedRun finished = run(x, labels);
  finished.dataset.factors = {{"mark", numbers({1, 1, 0, 1, 7, 7, 2, 3})},
                              {"everywhere", numbers({0, 1, 0, 1, 0, 1, 0, 1})},
                              {"nowhere", numbers({0, 0, 1, 1, 2, 2, 3, 3})}};
  EXPECT_EQ(factors_of_classes(finished),
            Settings({{"mark", {{"latent", 1}, {"least_inside", 2.5}, {"most_outside", 1.0}, {"gap", 1.5}}}}));
}

}  // namespace
}  // namespace cleave::experiment
