#include "apps/cli/config.h"

#include <gmock/gmock.h>

#include "apps/cli/command.h"
#include "cleave/base/error.h"

namespace cleave::cli {
namespace {

Command command() {
  return {.name = "train",
          .groups = {{"Options", "", {option("seed", int64_t{0}, "Seed.", at_least(0))}},
                     {"Method",
                      "method",
                      {option("beta", 1.0, "Weight.", at_least(0)),
                       option("hidden", std::vector<int64_t>{500}, "Widths.", at_least(1))}}}};
}

Settings checked(const std::string& text) {
  return ConfigFile{"a.toml", text}.checked(command());
}

std::string error_of(const std::string& text) {
  try {
    checked(text);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "";
}

TEST(ConfigFile, KeepsValuesBySection) {
  Settings values = checked("seed = 3\n[method]\nbeta = 2\nhidden = [20, 30]\n");
  EXPECT_EQ(values[""]["seed"], 3);
  EXPECT_EQ(values["method"]["beta"], 2);
  EXPECT_EQ(values["method"]["hidden"], Settings({20, 30}));
}

TEST(ConfigFile, NoTextEndsTheProcess) {
  EXPECT_THAT(error_of("seed = = 3"), testing::HasSubstr("a.toml:1:"));
  EXPECT_THAT(error_of("[[[[[["), testing::HasSubstr("a.toml")) << "an assertion of the parser";
}

TEST(ConfigFile, TakesOneNumberForAList) {
  EXPECT_EQ(checked("[method]\nhidden = 7\n")["method"]["hidden"], Settings({7}));
}

TEST(ConfigFile, ReadsTheNamesOfMethodAndData) {
  ConfigFile file{"a.toml", "# for digits\n[method]\nname = 'vade'\n[data]\nname = 'mnist'\n"};
  EXPECT_EQ(file.method_name(), "vade");
  EXPECT_EQ(file.data_name(), "mnist");
  EXPECT_EQ(file.summary(), "for digits");
}

TEST(ConfigFile, ErrorsNameFileLineAndColumn) {
  EXPECT_THAT(error_of("seed = -1\n"), testing::HasSubstr("a.toml:1:1: --seed"));
  EXPECT_THAT(error_of("[method]\n  bta = 1\n"),
              testing::AllOf(testing::HasSubstr("a.toml:2:3"), testing::HasSubstr("'beta'")));
  EXPECT_THAT(error_of("seed = 1979-05-27\n"), testing::HasSubstr("a.toml:1:1"));
  EXPECT_THAT(error_of("seed == 1\n"), testing::HasSubstr("a.toml:1:"));
}

}  // namespace
}  // namespace cleave::cli
