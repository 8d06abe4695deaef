#include "cleave/metrics/disentanglement.h"

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/classical/boosted_trees.h"
#include "tests/support/reference.h"

namespace cleave::metrics {
namespace {

using tests::near;
using tests::reference;
using tests::tensor_of;

struct Stored {
  nlohmann::json json = reference("disentanglement");
  Tensor codes = tensor_of(json["codes"]);
  Tensor classes = tensor_of<int64_t>(json["factors"]);
  std::vector<FactorClasses> factors;

  Stored() {
    for (int64_t f = 0; f < 3; ++f)
      factors.push_back({std::to_string(f), classes.select(1, f).contiguous()});
  }
  double operator[](const char* name) const { return json[name].get<double>(); }
};

/// Every combination of three factors of 4, 3 and 2 values, many times, and each as one dimension of the code.
struct Perfect {
  Tensor classes = at::cartesian_prod({at::arange(4), at::arange(3), at::arange(2)}).repeat({50, 1});
  Tensor codes = classes.to(at::kDouble);
  std::vector<FactorClasses> factors;

  Perfect() {
    for (int64_t f = 0; f < 3; ++f)
      factors.push_back({std::to_string(f), classes.select(1, f).contiguous()});
  }
};

struct Scores {
  double mig, modularity, factor_vae, disentanglement, completeness, informativeness;
};
Scores scores(const Tensor& codes, const std::vector<FactorClasses>& factors) {
  Tensor information = mutual_information_matrix(codes, factors);
  Dci dci = disentanglement_completeness_informativeness(codes, factors, Randomness(1));
  return {mutual_information_gap(information, factors),
          modularity(information),
          factor_vae_score(codes, factors, Randomness(1)),
          dci.disentanglement,
          dci.completeness,
          dci.informativeness};
}

TEST(Disentanglement, InformationAgreesWithScikitLearn) {
  Stored stored;
  Tensor information = mutual_information_matrix(stored.codes, stored.factors);
  EXPECT_TRUE(near(information, tensor_of(stored.json["information"]), 1e-12));
  EXPECT_NEAR(mutual_information_gap(information, stored.factors), stored["mig"], 1e-12);
  EXPECT_NEAR(modularity(information), stored["modularity"], 1e-12);
}

TEST(Disentanglement, LinesAgreeWithScikitLearn) {
  Stored stored;
  Tensor found = attribute_accuracies(stored.codes, stored.factors, at::arange(300), at::arange(300, 400));
  EXPECT_TRUE(near(found, tensor_of(stored.json["svm"]), 1e-12));
}

TEST(Disentanglement, BoostedTreesAgreeWithScikitLearn) {
  Stored stored;
  Tensor train = stored.codes.slice(0, 0, 300), test = stored.codes.slice(0, 300);
  Tensor importance = at::zeros({5, 3}, at::kDouble), stumps = at::zeros({5, 3}, at::kDouble);
  Tensor expected = tensor_of(stored.json["importance"]);
  for (int64_t f = 0; f < 3; ++f) {
    Tensor classes = stored.classes.select(1, f).slice(0, 0, 300);
    auto trees = classical::boost(train, classes, test);
    importance.select(1, f).copy_(trees.importance);
    stumps.select(1, f).copy_(classical::boost(train, classes, test, {.depth = 1}).importance);
    Tensor hits = trees.test_predicted == stored.classes.select(1, f).slice(0, 300);
    EXPECT_NEAR(hits.to(at::kDouble).mean().item<double>(), stored.json["accuracy"][f].get<double>(), 0.03) << f;
  }
  EXPECT_TRUE(near(stumps, tensor_of(stored.json["stumps"]), 1e-9));
  EXPECT_TRUE(near(importance, expected, 0.01));  // ties in deep nodes are broken otherwise
  Dci dci = entropies_of_importance(expected);
  EXPECT_NEAR(dci.disentanglement, stored["disentanglement"], 1e-10);
  EXPECT_NEAR(dci.completeness, stored["completeness"], 1e-10);
}

TEST(Disentanglement, APerfectCodeScoresOne) {
  Perfect perfect;
  Scores found = scores(perfect.codes, perfect.factors);
  EXPECT_NEAR(found.mig, 1, 1e-12);
  EXPECT_NEAR(found.modularity, 1, 1e-12);
  EXPECT_NEAR(found.factor_vae, 1, 1e-12);
  EXPECT_NEAR(found.disentanglement, 1, 1e-6);
  EXPECT_NEAR(found.completeness, 1, 1e-6);
  EXPECT_NEAR(found.informativeness, 1, 1e-12);
}

TEST(Disentanglement, AConstantCodeScoresNothing) {
  Perfect perfect;
  Scores found = scores(at::ones({1200, 3}, at::kDouble), perfect.factors);
  EXPECT_EQ(found.mig, 0);
  EXPECT_EQ(found.modularity, 0);
  EXPECT_EQ(found.factor_vae, 0);
  EXPECT_NEAR(found.disentanglement, 0, 1e-9);
  EXPECT_NEAR(found.completeness, 0, 1e-9);
  EXPECT_EQ(separated_attribute_predictability(at::ones({1200, 3}, at::kDouble), perfect.factors, Randomness(1)), 0);
}

TEST(Disentanglement, ATurnedCodeScoresLess) {
  Perfect perfect;
  Tensor noise = at::randn({3, 3}, Randomness(5).stream("turn"), at::kDouble);
  Scores straight = scores(perfect.codes, perfect.factors);
  Scores turned = scores(perfect.codes.mm(std::get<0>(at::linalg_qr(noise))), perfect.factors);
  EXPECT_LT(turned.mig, straight.mig - 0.2);
  EXPECT_LT(turned.modularity, straight.modularity - 0.05);
  EXPECT_LT(turned.disentanglement, straight.disentanglement - 0.2);
  EXPECT_LT(turned.completeness, straight.completeness - 0.2);
}

TEST(Disentanglement, TwentyBinsAreTheCeilingOfTheGap) {
  // The published ceiling for 40 orientations and twice 32 positions beside 6 and 3 values: 0.9024.
  std::vector<FactorClasses> factors;
  std::vector<Tensor> columns;
  at::Generator generator = Randomness(1).stream("values");
  for (int64_t count : {3, 6, 40, 32, 32}) {
    factors.push_back({std::to_string(count), at::randint(count, {100'000}, generator, at::kLong)});
    columns.push_back(factors.back().classes.to(at::kDouble));
  }
  Tensor codes = at::stack(columns, 1);
  EXPECT_NEAR(mutual_information_gap(mutual_information_matrix(codes, factors), factors), 0.9024, 0.002);
}

TEST(Disentanglement, ContinuousFactorsAreCutIntoClassesOfOneSize) {
  Tensor values = at::rand({1000}, Randomness(1).stream("v"), at::kDouble);
  EXPECT_TRUE(classes_of(values).bincount().eq(100).all().item<bool>());
  EXPECT_TRUE(classes_of(at::tensor({5., 2., 5., 9.}, at::kDouble)).equal(at::tensor({1, 0, 1, 2}, at::kLong)));
  Tensor heavy = at::cat({at::zeros({900}, at::kDouble), values.slice(0, 0, 100)});
  EXPECT_EQ(classes_of(heavy).slice(0, 0, 900).max().item<int64_t>(), 0) << "equal values in different classes";
}

TEST(Disentanglement, RefusesWhatItCannotMeasure) {
  Perfect perfect;
  EXPECT_THROW(mutual_information_matrix(perfect.codes.slice(0, 0, 7), perfect.factors), ArgumentError);
  EXPECT_THROW(mutual_information_matrix(perfect.codes, {{"same", at::zeros({1200}, at::kLong)}}), ArgumentError);
  EXPECT_THROW(mutual_information_matrix(perfect.codes / 0, perfect.factors), DataError);
}

}  // namespace
}  // namespace cleave::metrics
