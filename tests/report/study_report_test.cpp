#include "cleave/report/study_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cleave/base/error.h"

namespace cleave::report {
namespace {

using testing::HasSubstr;

Settings point(const Settings& settings, double accuracy) {
  return {{"settings", settings},
          {"measures", {{"accuracy", {{"mean", accuracy}, {"sd", 0.01}, {"min", accuracy}, {"max", accuracy}}}}},
          {"runs", {{{"seed", 0}, {"accuracy", accuracy}}}}};
}

TEST(StudyReport, DrawsALinePerCombinationOfTheOtherSettings) {
  const Settings outcome = {{"title", "Weights"},
                            {"points",
                             {point({{"a", 0}, {"b", 1}}, 0.25), point({{"a", 5}, {"b", 1}}, 0.5),
                              point({{"a", 0}, {"b", 2}}, 0.75), point({{"gaussian", 3}}, 0.875)}}};
  const Report report = study_report(outcome);
  ASSERT_EQ(report.figures.size(), 2);
  EXPECT_EQ(report.figures[0].name, "accuracy_a_b.svg");
  EXPECT_THAT(report.figures[0].bytes, HasSubstr("b 1"));
  EXPECT_THAT(report.figures[0].bytes, HasSubstr("b 2"));
  EXPECT_EQ(report.figures[1].name, "accuracy_gaussian.svg");
  EXPECT_THAT(report.html, HasSubstr("0.875 ± 0.010"));
}

TEST(StudyReport, SettingsInWordsAreATableAlone) {
  const Report report =
      study_report({{"title", "Kinds"}, {"points", {point({{"kind", "a"}}, 0.1), point({{"kind", "b"}}, 0.2)}}});
  EXPECT_TRUE(report.figures.empty());
  EXPECT_THAT(report.html, HasSubstr("0.200"));
}

TEST(StudyReport, NeedsAPoint) {
  EXPECT_THROW(study_report({{"title", "Nothing"}, {"points", Settings::array()}}), ArgumentError);
}

}  // namespace
}  // namespace cleave::report
