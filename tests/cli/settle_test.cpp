#include "apps/cli/settle.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>

#include "apps/cli/catalogue.h"
#include "apps/cli/completion.h"
#include "apps/cli/config.h"
#include "apps/cli/console.h"
#include "apps/cli/parse.h"
#include "cleave/base/error.h"

namespace cleave::cli {
namespace {

Invocation settled(const std::vector<std::string>& words) {
  Found found = find_command(words);
  return settle(*found.command, {words.begin() + static_cast<std::ptrdiff_t>(found.words), words.end()}).invocation;
}

std::string file(const std::string& text) {
  std::string path = testing::TempDir() + "settle_test.toml";
  std::ofstream(path) << text;
  return path;
}

TEST(Settle, AFlagWinsOverTheFileAndTheFileOverTheDefault) {
  std::string path = file("seed = 3\n[training]\nbatch_size = 32\nkeep_checkpoints = 7\n");
  Invocation run = settled({"train", "kmeans", "x.csv", "--config", path, "--batch-size", "64"});
  EXPECT_EQ(run.training["batch_size"], 64);
  EXPECT_EQ(run.training["keep_checkpoints"], 7);
  EXPECT_EQ(run.option<int64_t>("seed"), 3);
  EXPECT_EQ(run.training["precision"], "auto");
}

TEST(Settle, AFileMayNameMethodAndData) {
  Invocation run =
      settled({"train", "--config", file("[method]\nname = 'kmeans'\nclusters = 4\n[data]\nname = 'x.csv'\n")});
  EXPECT_EQ(run.arguments, Settings({{"method", "kmeans"}, {"data", "x.csv"}}));
  EXPECT_EQ(run.method, Settings({{"clusters", 4}}));
}

TEST(Settle, TheEnvironmentNamesTheDataFolderUnlessAFlagDoes) {
  setenv("CLEAVE_DATA", "/from/environment", 1);
  EXPECT_EQ(settled({"data", "list"}).data["data_root"], "/from/environment");
  EXPECT_EQ(settled({"data", "list", "--data-root", "/from/flag"}).data["data_root"], "/from/flag");
  unsetenv("CLEAVE_DATA");
  setenv("XDG_CACHE_HOME", "/cache", 1);
  EXPECT_EQ(settled({"data", "list"}).data["data_root"], "/cache/cleave");
  unsetenv("XDG_CACHE_HOME");
}

TEST(Settle, FlagsAboutDataAreToldFromDefaults) {
  EXPECT_EQ(settled({"evaluate", "runs/a"}).given.dump(), "{}");
  EXPECT_EQ(settled({"evaluate", "runs/a", "--split", "all"}).given.dump(), R"({"split":"all"})");
}

TEST(Settle, AnInvocationSurvivesTheWayToTheEngine) {
  Invocation run = settled({"train", "kmeans", "x.csv", "--clusters", "4", "--split", "test"});
  EXPECT_EQ(to_json(invocation_from(to_json(run))), to_json(run));
}

TEST(Settle, ACommandLineIsQuotedForAShell) {
  EXPECT_EQ(shell_line({"cleave", "train", "my data.csv", "it's", ""}), "cleave train 'my data.csv' 'it'\\''s' ''");
}

TEST(Tables, LabelsAreOfferedWhereMethodsMayLearnFromThem) {
  for (const char* option : {"labels", "labels_per_class", "label_seed"}) {
    EXPECT_NE(find_command({"train"}).command->find(option), nullptr) << option;
    EXPECT_EQ(find_command({"cluster"}).command->find(option), nullptr) << option;
  }
}

TEST(Tables, NoVerbHasTwoOptionsOfOneNameWithAnyMethod) {
  for (const Command& table : all_commands()) {
    for (const MethodEntry& method : methods()) {
      Command command = table.method_settings ? with_settings_of(table, method) : table;
      std::vector<std::string> flags = flags_of(command);
      EXPECT_EQ(flags.size(), std::set<std::string>(flags.begin(), flags.end()).size())
          << table.name << " " << method.name;
    }
  }
}

TEST(Tables, EveryDefaultIsAllowed) {
  for (const Command& table : all_commands()) {
    for (const Group& group : table.groups) {
      for (const Option& option : group.options)
        EXPECT_NO_THROW(check_value(option.field, option.field.preset));
    }
  }
}

TEST(Tables, EveryPresetFitsItsMethod) {
  for (const std::string& name : preset_names()) {
    ConfigFile preset = read_preset(name);
    Command train = with_settings_of(*find_command({"train"}).command, find_method(preset.method_name()));
    EXPECT_NO_THROW(preset.checked(train)) << name;
    EXPECT_FALSE(preset.summary().empty()) << name << " needs a first line that says what it is for";
  }
}

TEST(Completion, FollowsTheWords) {
  EXPECT_THAT(candidates({"tr"}), testing::Contains("train"));
  EXPECT_THAT(candidates({"data", ""}), testing::UnorderedElementsAre("list", "fetch", "inspect", "convert"));
  EXPECT_THAT(candidates({"train", ""}), testing::Contains("kmeans"));
  EXPECT_THAT(candidates({"train", "kmeans", ""}), testing::Contains("@file"));
  EXPECT_THAT(candidates({"train", "kmeans", "x", "--clus"}), testing::Contains("--clusters"));
  EXPECT_THAT(candidates({"nonsense", ""}), testing::IsEmpty());
}

TEST(Console, ARefusalOfTheSystemNamesThePlace) {
  const auto denied = std::make_error_code(std::errc::permission_denied);
  EXPECT_EQ(in_words({"status", "/private/x.csv", denied}), "/private/x.csv: Permission denied");
  EXPECT_EQ(in_words({"current_path", denied}), "Permission denied");
}

TEST(Progress, LineSaysShareAndTimeLeft) {
  EXPECT_EQ(progress_line("joint", 12, 48, 63, "loss 120.3"), "joint  25 %  loss 120.3  1 min 3 s left");
  EXPECT_EQ(progress_line("joint", 48, 48, 0, ""), "joint 100 %");
}

}  // namespace
}  // namespace cleave::cli
