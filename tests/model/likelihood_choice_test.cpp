#include "cleave/model/likelihood_choice.h"

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "tests/support/raises.h"

namespace cleave::model {
namespace {

TEST(LikelihoodChoice, AutoFollowsFromTheData) {
  EXPECT_EQ(choose_likelihood("auto", {.unit_interval = true}), "bernoulli");
  EXPECT_EQ(choose_likelihood("auto", {.raw_counts = true}), "negative-binomial");
  EXPECT_EQ(choose_likelihood("auto", {}), "gaussian");
}

TEST(LikelihoodChoice, WhatIsGivenIsTakenWhereItFits) {
  for (const char* fits_all : {"gaussian", "laplace"}) {
    for (const data::Description& data :
         {data::Description{.unit_interval = true}, data::Description{.raw_counts = true}, data::Description{}})
      EXPECT_EQ(choose_likelihood(fits_all, data), fits_all);
  }
  EXPECT_EQ(choose_likelihood("bernoulli", {.unit_interval = true}), "bernoulli");
  EXPECT_EQ(choose_likelihood("negative-binomial", {.raw_counts = true}), "negative-binomial");
}

TEST(LikelihoodChoice, RefusesWhatTheDataAreNot) {
  EXPECT_RAISES(choose_likelihood("bernoulli", {.raw_counts = true}), ArgumentError, "--transform unit");
  EXPECT_RAISES(choose_likelihood("negative-binomial", {.unit_interval = true}), ArgumentError, "--transform none");
}

TEST(LikelihoodChoice, CountsStayAsTheyAreOnlyForALikelihoodOfCounts) {
  const Settings unsaid = Settings::object();
  EXPECT_TRUE(models_raw_counts(unsaid, data::Kind::kCounts));
  EXPECT_FALSE(models_raw_counts(unsaid, data::Kind::kImage));
  EXPECT_FALSE(models_raw_counts({{"likelihood", "gaussian"}}, data::Kind::kCounts));
  EXPECT_TRUE(models_raw_counts({{"likelihood", "negative-binomial"}}, data::Kind::kTable));
}

}  // namespace
}  // namespace cleave::model
