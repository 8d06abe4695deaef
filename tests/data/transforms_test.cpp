#include "cleave/data/transforms.h"

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "tests/support/raises.h"

namespace cleave::data {
namespace {

at::Generator random(uint64_t seed) {
  return Randomness(seed).stream("test");
}

Dataset dataset(Kind kind, Tensor dense, std::vector<int64_t> shape = {}) {
  Dataset set;
  set.name = "toy";
  set.kind = kind;
  set.shape = shape.empty() ? std::vector<int64_t>{dense.size(1)} : std::move(shape);
  set.examples.dense = std::move(dense);
  return set;
}

Dataset table() {
  return dataset(Kind::kTable, at::randn({50, 7}, random(1)) * 3 + 5);
}
Dataset counts() {
  return dataset(Kind::kCounts, at::randint(0, 30, {40, 11}, random(2)).to(at::kInt));
}
Dataset pictures() {
  Dataset set = dataset(Kind::kImage, at::randint(0, 256, {20, 12}, random(3)).to(at::kByte), {1, 3, 4});
  set.largest = 255;
  return set;
}

Dataset sparse_of(const Dataset& set) {
  const Tensor dense = set.examples.dense.to(at::kFloat), nonzero = dense.nonzero();
  Dataset result = set;
  result.examples.sparse = {.offsets = at::cat({at::zeros({1}, at::kLong), (dense != 0).sum(1).cumsum(0)}),
                            .columns = nonzero.select(1, 1).to(at::kInt).contiguous(),
                            .values = dense.masked_select(dense != 0),
                            .width = set.width()};
  result.examples.dense = Tensor();
  result.check();
  return result;
}

Tensor transformed(const Pipeline& pipeline, const Dataset& set, int64_t epoch = 0) {
  const Tensor all = at::arange(set.size(), at::kLong);
  return pipeline.forward(set.examples.rows(all), all, epoch);
}

Tensor fit_and_transform(const std::vector<std::string>& names, const Dataset& set) {
  return transformed(Pipeline::fit(names, set, Randomness(0)), set);
}

TEST(Pipeline, AutoIsTheRecommendedListForTheKind) {
  const auto names = [](Dataset set, Kind kind, bool raw_counts = false) {
    set.kind = kind;
    return Pipeline::fit({"auto"}, set, Randomness(0), raw_counts).names();
  };
  EXPECT_EQ(names(pictures(), Kind::kImage), (std::vector<std::string>{"unit"}));
  EXPECT_EQ(names(counts(), Kind::kCounts), (std::vector<std::string>{"size-factor", "log1p"}));
  EXPECT_EQ(names(counts(), Kind::kCounts, true), (std::vector<std::string>{"none"}));
  EXPECT_EQ(names(counts(), Kind::kText), (std::vector<std::string>{"dec"}));
  EXPECT_EQ(names(table(), Kind::kTable), (std::vector<std::string>{"standardise"}));
}

TEST(Pipeline, UnitDividesByFullIntensityAndInverseMultiplies) {
  const Dataset set = pictures();
  const Pipeline unit = Pipeline::fit({"unit"}, set, Randomness(0));
  const Tensor x = transformed(unit, set);
  EXPECT_TRUE(x.allclose(set.examples.dense.to(at::kFloat) / 255, 0, 1e-7));
  EXPECT_TRUE(unit.inverse(x).allclose(set.examples.dense.to(at::kFloat), 1e-6, 1e-4));
}

TEST(Pipeline, DecMakesTheMeanSquaredNormPerDimensionOne) {
  const Dataset set = table();
  const Pipeline dec = Pipeline::fit({"dec"}, set, Randomness(0));
  const Tensor x = transformed(dec, set);
  EXPECT_NEAR(x.square().sum(1).mean().item<double>() / static_cast<double>(set.width()), 1, 1e-6);
  EXPECT_TRUE(dec.inverse(x).allclose(set.examples.dense, 1e-6));
  EXPECT_TRUE((x / set.examples.dense).allclose(x[0][0] / set.examples.dense[0][0]));  // one factor for all
}

TEST(Pipeline, L2GivesRowsOfUnitNormAndLeavesZeroRows) {
  Dataset set = table();
  set.examples.dense[4].zero_();
  const Tensor norm = fit_and_transform({"l2"}, set).norm(2, 1);
  EXPECT_EQ(norm[4].item<float>(), 0);
  EXPECT_NEAR(norm.sum().item<double>(), 49, 1e-4);
  EXPECT_NEAR(norm.max().item<double>(), 1, 1e-6);
}

TEST(Pipeline, StandardiseGivesMeanZeroAndVarianceOne) {
  const Dataset set = table();
  const Pipeline pipeline = Pipeline::fit({"standardise"}, set, Randomness(0));
  const Tensor x = transformed(pipeline, set).to(at::kDouble);
  EXPECT_LT(x.mean(0).abs().max().item<double>(), 1e-6);
  EXPECT_LT((x.square().mean(0) - 1).abs().max().item<double>(), 1e-6);
  EXPECT_TRUE(pipeline.inverse(x.to(at::kFloat)).allclose(set.examples.dense, 1e-5, 1e-5));
}

TEST(Pipeline, StandardiseMakesConstantFeaturesZeroEvenForNewValues) {
  Dataset set = table();
  set.examples.dense.select(1, 2).fill_(0.1);
  set.examples.dense.select(1, 3).fill_(0);
  const Pipeline pipeline = Pipeline::fit({"standardise"}, set, Randomness(0));
  const Tensor x = pipeline.forward(at::full({1, 7}, 9.0), at::zeros({1}, at::kLong));
  EXPECT_EQ(x[0][2].item<float>(), 0);
  EXPECT_EQ(x[0][3].item<float>(), 0);
  EXPECT_TRUE(x.isfinite().all().item<bool>());
  EXPECT_FLOAT_EQ(pipeline.inverse(x)[0][2].item<float>(), 0.1f);
}

TEST(Pipeline, StandardiseRefusesWhatSinglePrecisionWouldMakeConstantOrCoarse) {
  const Tensor noise = at::randn({50, 3}, random(6), at::kDouble);
  const auto fit = [&](double size, double spread, at::ScalarType type = at::kDouble) {
    Tensor values = noise.clone();
    values.select(1, 1).copy_(size + spread * noise.select(1, 1));
    Pipeline::fit({"standardise"}, dataset(Kind::kTable, values.to(type)), Randomness(0));
  };
  EXPECT_RAISES(fit(1e6, 0.01), DataError, "column 1, counted from 0");
  EXPECT_RAISES(fit(-1e6, 1e-4), DataError, "subtract a constant");
  EXPECT_RAISES(fit(1.7e9, 100, at::kInt), DataError, "column 1");
  EXPECT_NO_THROW(fit(1e6, 10));
  EXPECT_NO_THROW(fit(1.7e9, 1e6, at::kInt));
  EXPECT_NO_THROW(fit(0.3, 1e-16));             // a constant, rounded in different ways
  EXPECT_NO_THROW(fit(1e6, 0.01, at::kFloat));  // stored so, nothing else is known
}

TEST(Pipeline, StandardiseMakesConstantWhatIsTooSmallToBeDividedBy) {
  const Tensor values = at::tensor({1e-39, -1e-39, 1.0, 2.0}, at::kFloat).view({2, 2}).t();
  const Tensor x = fit_and_transform({"standardise"}, dataset(Kind::kTable, values.contiguous()));
  EXPECT_TRUE(x.isfinite().all().item<bool>());
  EXPECT_FLOAT_EQ(x[1][1].item<float>(), 1);
}

TEST(Pipeline, StandardiseIsExactFarFromZeroAndOverManyBlocks) {
  const Tensor values = at::randn({3000, 4000}, random(5), at::kFloat) + 1000;  // three blocks
  const Tensor x = fit_and_transform({"standardise"}, dataset(Kind::kTable, values));
  EXPECT_LT(x.mean(0, false, at::kDouble).abs().max().item<double>(), 1e-4);
  EXPECT_LT((x.square().mean(0, false, at::kDouble) - 1).abs().max().item<double>(), 1e-4);
}

TEST(Pipeline, SizeFactorGivesEveryRowTheMedianTotal) {
  Dataset set = counts();
  set.examples.dense[3].zero_();
  const Tensor before = set.examples.dense.sum(1), after = fit_and_transform({"size-factor"}, set).sum(1);
  const double median = before.masked_select(before > 0).median().item<double>();
  EXPECT_EQ(after[3].item<float>(), 0);
  EXPECT_TRUE(after.masked_select(before > 0).allclose(at::full({39}, median), 1e-5));
}

TEST(Pipeline, Log1pIsUndoneByItsInverse) {
  const Dataset set = counts();
  const Pipeline pipeline = Pipeline::fit({"log1p"}, set, Randomness(0));
  const Tensor x = transformed(pipeline, set);
  EXPECT_TRUE(x.allclose((set.examples.dense.to(at::kFloat) + 1).log(), 1e-6, 1e-6));
  EXPECT_TRUE(pipeline.inverse(x).allclose(set.examples.dense.to(at::kFloat), 1e-5, 1e-5));
}

TEST(Pipeline, CountsWithSilentGenesStayFinite) {
  Dataset set = counts();
  set.examples.dense.slice(1, 4, 9).zero_();
  const Tensor x = fit_and_transform({"auto"}, set);
  EXPECT_TRUE(x.isfinite().all().item<bool>());
  EXPECT_EQ(x.slice(1, 4, 9).abs().max().item<float>(), 0);
}

TEST(Pipeline, SparseDataAreFittedAsTheSameDataDense) {
  for (const std::vector<std::string>& names : {std::vector<std::string>{"auto"}, {"dec"}, {"l2"}, {"log1p"}})
    EXPECT_TRUE(fit_and_transform(names, sparse_of(counts())).equal(fit_and_transform(names, counts()))) << names[0];
}

TEST(Pipeline, RestoreEqualsFit) {
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"unit", "dynamic"}, {"unit", "standardise"}, {"unit"}, {"dec", "l2"}}) {
    const Pipeline fitted = Pipeline::fit(names, pictures(), Randomness(7));
    const Pipeline restored = Pipeline::restore(fitted.names(), fitted.state());
    EXPECT_TRUE(transformed(restored, pictures(), 3).equal(transformed(fitted, pictures(), 3)));
    EXPECT_EQ(restored.unit_interval(), fitted.unit_interval());
  }
}

TEST(Pipeline, RestoreRefusesStateThatDoesNotFit) {
  const Pipeline fitted = Pipeline::fit({"standardise"}, table(), Randomness(0));
  auto state = fitted.state();
  EXPECT_RAISES(Pipeline::restore({"dec"}, state), CorruptFileError, "lack 'dec.scale'");
  EXPECT_RAISES(Pipeline::restore({"zzz"}, state), CorruptFileError, "zzz");
  state.erase("standardise.mean");
  EXPECT_RAISES(Pipeline::restore({"standardise"}, state), CorruptFileError, "lack 'standardise.mean'");
  state = fitted.state();
  state["dec.scale"] = at::ones({});
  EXPECT_RAISES(Pipeline::restore({"standardise"}, state), CorruptFileError, "3");
}

TEST(Pipeline, KnowsWhetherValuesLieInTheUnitInterval) {
  const auto known = [](const std::vector<std::string>& names, const Dataset& set) {
    return Pipeline::fit(names, set, Randomness(0)).unit_interval();
  };
  EXPECT_TRUE(known({"unit"}, pictures()));
  EXPECT_TRUE(known({"unit", "threshold"}, pictures()));
  EXPECT_FALSE(known({"none"}, pictures()));
  EXPECT_FALSE(known({"unit", "dec"}, pictures()));
  EXPECT_TRUE(known({"none"}, dataset(Kind::kTable, at::rand({5, 3}, random(1)))));
  EXPECT_FALSE(known({"none"}, table()));
}

TEST(Binarisation, ThresholdIsOneAboveOneHalf) {
  const Dataset set = dataset(Kind::kImage, at::tensor({0.0, 0.5, 0.51, 1.0}, at::kFloat).view({1, 4}), {1, 2, 2});
  EXPECT_TRUE(fit_and_transform({"unit", "threshold"}, set).equal(at::tensor({0, 0, 1, 1}, at::kFloat).view({1, 4})));
}

TEST(Binarisation, DrawsFollowTheIntensityAndKeepZeroAndOne) {
  Tensor values = at::full({2000, 4}, 0.3);
  values.select(1, 0).fill_(0);
  values.select(1, 1).fill_(1);
  const Tensor x = fit_and_transform({"dynamic"}, dataset(Kind::kImage, values, {1, 2, 2})).mean(0);
  EXPECT_EQ(x[0].item<float>(), 0);
  EXPECT_EQ(x[1].item<float>(), 1);
  EXPECT_NEAR(x[2].item<float>(), 0.3, 4 * std::sqrt(0.3 * 0.7 / 2000));  // four standard errors
  EXPECT_NEAR(x[3].item<float>(), 0.3, 4 * std::sqrt(0.3 * 0.7 / 2000));
}

TEST(Binarisation, DrawsDependOnSeedRowAndEpochAndNotOnTheBatch) {
  const Dataset set = pictures();
  const Pipeline dynamic = Pipeline::fit({"unit", "dynamic"}, set, Randomness(1));
  const Tensor first = transformed(dynamic, set, 0);
  const Tensor some = at::tensor({11, 2, 11}, at::kLong);
  EXPECT_TRUE(dynamic.forward(set.examples.rows(some), some, 0).equal(first.index_select(0, some)));
  EXPECT_FALSE(transformed(dynamic, set, 1).equal(first));
  EXPECT_FALSE(transformed(Pipeline::fit({"unit", "dynamic"}, set, Randomness(2)), set, 0).equal(first));
}

TEST(Binarisation, StaticIsTheSameInEveryEpoch) {
  const Pipeline pipeline = Pipeline::fit({"unit", "static"}, pictures(), Randomness(1));
  EXPECT_TRUE(transformed(pipeline, pictures(), 0).equal(transformed(pipeline, pictures(), 5)));
}

TEST(Pipeline, ErrorsSayWhatDoesNotApply) {
  const auto fit = [](const std::vector<std::string>& names, const Dataset& set) {
    return Pipeline::fit(names, set, Randomness(0));
  };
  EXPECT_RAISES(fit({"standardize"}, table()), ArgumentError, "did you mean 'standardise'");
  EXPECT_RAISES(fit({"unit"}, table()), DataError, "try 'standardise'");
  EXPECT_RAISES(fit({"dec", "dec"}, table()), ArgumentError, "'dec' is listed twice");
  EXPECT_RAISES(fit({"standardise", "log1p"}, table()), DataError, "before 'standardise'");
  EXPECT_RAISES(fit({"dynamic"}, pictures()), DataError, "after 'unit'");
  EXPECT_RAISES(fit({"dec"}, dataset(Kind::kTable, at::zeros({2, 2}))), DataError, "all zero");
  Dataset negative = counts();
  negative.examples.dense[5][6] = -3;
  EXPECT_RAISES(fit({"size-factor"}, negative), DataError, "row 5 column 6, counted from 0: -3");
}

}  // namespace
}  // namespace cleave::data
