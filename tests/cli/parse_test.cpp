#include "apps/cli/parse.h"

#include <gmock/gmock.h>

#include "cleave/base/error.h"

namespace cleave::cli {
namespace {

Command command() {
  return {.name = "train",
          .positionals = {{"METHOD", "Method."}, {"DATA", "Data."}},
          .groups = {{"Options",
                      "",
                      {option("latent_dim", int64_t{2}, "Latents."), option("shift", 0.0, "Shift."),
                       option("bias", true, "Bias."),
                       option("clusters", int64_t{0}, "Clusters.", any(), Names::kText, 'k')}}}};
}

using Flags = std::map<std::string, std::string>;

TEST(Parse, SortsFlagsFromPositionals) {
  Typed typed = parse(command(), {"vade", "--latent-dim", "5", "mnist", "-k", "12", "--shift=-1.5"});
  EXPECT_THAT(typed.positionals, testing::ElementsAre("vade", "mnist"));
  EXPECT_EQ(typed.flags, (Flags{{"latent_dim", "5"}, {"clusters", "12"}, {"shift", "-1.5"}}));
}

TEST(Parse, TakesNegativeValues) {
  EXPECT_EQ(parse(command(), {"--shift", "-1.5"}).flags, (Flags{{"shift", "-1.5"}}));
}

TEST(Parse, ReadsEveryWayOfWritingABool) {
  EXPECT_EQ(parse(command(), {"--bias", "mnist"}).flags, (Flags{{"bias", "true"}}));
  EXPECT_EQ(parse(command(), {"--bias", "false"}).flags, (Flags{{"bias", "false"}}));
  EXPECT_EQ(parse(command(), {"--bias=false"}).flags, (Flags{{"bias", "false"}}));
  EXPECT_EQ(parse(command(), {"--no-bias"}).flags, (Flags{{"bias", "false"}}));
}

TEST(Parse, KeepsUnknownFlagsForTheCaller) {
  EXPECT_THAT(parse(command(), {"--latnt-dim", "vade"}).unknown, testing::ElementsAre("--latnt-dim"));
}

TEST(Parse, RefusesMissingAndRepeatedValues) {
  EXPECT_THROW(parse(command(), {"--latent-dim"}), ArgumentError);
  EXPECT_THROW(parse(command(), {"--latent-dim", "--bias"}), ArgumentError);
  EXPECT_THROW(parse(command(), {"--latent-dim", "1", "--latent-dim", "2"}), ArgumentError);
}

TEST(Positionals, MayComeFromAFile) {
  Settings known = {{"method", "vade"}, {"data", "mnist"}};
  EXPECT_EQ(named_positionals(command(), {"usps"}, {{"method", "vade"}}),
            Settings({{"method", "vade"}, {"data", "usps"}}));
  EXPECT_EQ(named_positionals(command(), {}, known), known);
  EXPECT_EQ(named_positionals(command(), {"gmm", "usps"}, known), Settings({{"method", "gmm"}, {"data", "usps"}}));
  EXPECT_THROW(named_positionals(command(), {"gmm"}), ArgumentError);
}

}  // namespace
}  // namespace cleave::cli
