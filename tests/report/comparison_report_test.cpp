#include "cleave/report/comparison_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cleave/base/error.h"

namespace cleave::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ComparisonPage, ShowsWhatDiffersWhatWasMeasuredAndTheFiguresThatAllHave) {
  const Settings of_a = {{"settings", {{"latent_dim", 5}}}, {"bounds", {{"elbo", -90.5}}}, {"run", "runs/a"}};
  const Settings of_b = {{"settings", {{"latent_dim", 7}}}, {"facets", {{{"ari", 0.25}}}}, {"run", "runs/b"}};
  const std::string page = comparison_page({{"a", of_a, {{"map.svg", "<svg>1</svg>"}, {"prior_samples.png", "x"}}},
                                            {"b", of_b, {{"map.svg", "<svg>2</svg>"}, {"tree.svg", "<svg>3</svg>"}}}});
  EXPECT_THAT(page, HasSubstr("latent_dim"));
  EXPECT_THAT(page, HasSubstr("bounds elbo"));
  EXPECT_THAT(page, HasSubstr("facets 0 ari"));
  EXPECT_THAT(page, HasSubstr("<svg>1</svg>"));
  EXPECT_THAT(page, HasSubstr("<svg>2</svg>"));
  EXPECT_THAT(page, Not(HasSubstr("<svg>3</svg>"))) << "only one run has it";
  EXPECT_THAT(page, Not(HasSubstr("base64"))) << "only one run has it";
}

TEST(ComparisonPage, NeedsARun) {
  EXPECT_THROW(comparison_page({}), ArgumentError);
}

}  // namespace
}  // namespace cleave::report
