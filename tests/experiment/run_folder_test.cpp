#include "cleave/experiment/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "tests/support/raises.h"
#include "tests/support/temporary_folder.h"

namespace cleave::experiment {
namespace {

using testing::HasSubstr;
using tests::message_of;
using tests::TemporaryFolder;
namespace fs = std::filesystem;

RunConfig example() {
  RunConfig config;
  config.method = "kmeans";
  config.settings = {
      {"clusters", 3}, {"tolerance", 1e-4}, {"hidden", {500, 500, 2000}}, {"start", "k-means++"}, {"fast", false}};
  config.data.name = "/data/odd \"name\"\\with\nbreaks/\xc3\xa9.csv";
  config.data.transform = "unit,standardise";
  config.data.augment_rotation = 0.1;
  config.training.batch_size = 17;
  config.seed = 123456789012345;
  return config;
}

TEST(RunConfig, ComesBackFromTomlUnchanged) {
  RunConfig before = example();
  RunConfig after = parse_config(to_toml(before), "here");
  EXPECT_EQ(after.method, before.method);
  EXPECT_EQ(nlohmann::json(after.settings), nlohmann::json(before.settings)) << "but for the order";
  EXPECT_EQ(to_settings(after.data), to_settings(before.data));
  EXPECT_EQ(to_settings(after.training), to_settings(before.training));
  EXPECT_EQ(after.seed, before.seed);
  EXPECT_EQ(to_toml(after).size(), to_toml(before).size());
}

TEST(RunConfig, DamageIsNamedWithItsPlace) {
  std::string toml = to_toml(example());
  auto complaint = [&](std::string from, const std::string& to) {
    std::string text = toml;
    text.replace(text.find(from), from.size(), to);
    return message_of<CorruptFileError>([&] { parse_config(text, "config.toml"); });
  };
  EXPECT_THAT(complaint("batch_size = 17", "batch_size = = 17"), HasSubstr("config.toml:"));
  EXPECT_THAT(complaint("batch_size = 17", "batch_size = 0"), HasSubstr("--batch-size"));
  EXPECT_THAT(complaint("batch_size = 17", "batch_sise = 17"), HasSubstr("did you mean 'batch_size'"));
  EXPECT_THAT(complaint("name = \"kmeans\"\n", ""), HasSubstr("name"));
  EXPECT_THAT(complaint("[data]", "[date]"), HasSubstr("data"));
  EXPECT_THAT(complaint("seed = 123456789012345", "seed = 1979-05-27"), HasSubstr("line 2"));
  EXPECT_THROW(parse_config("", "x"), CorruptFileError);
  EXPECT_THROW(parse_config(std::string(100, '['), "x"), CorruptFileError);
}

TEST(RunFolder, ComesBackAsItWasMade) {
  TemporaryFolder folder;
  RunFolder::create(folder.path() / "deep" / "run", example(), {{"commit", "abc"}});
  RunFolder run = RunFolder::open(folder.path() / "deep" / "run");
  EXPECT_EQ(to_toml(run.config()), to_toml(parse_config(to_toml(example()), "")));
  EXPECT_EQ(run.provenance()["commit"], "abc");
  EXPECT_FALSE(run.finished());
}

TEST(RunFolder, AFolderInUseIsRefusedAndKept) {
  TemporaryFolder folder;
  RunFolder::create(folder / "run", example(), Settings::object());
  auto again = [&](const std::string& name) {
    return message_of<ArgumentError>([&] { RunFolder::create(folder / name, example(), Settings::object()); });
  };
  EXPECT_THAT(again("run"), HasSubstr("cleave resume"));
  write_atomically(folder / "file", "x");
  EXPECT_THAT(again("file"), HasSubstr("choose another --out"));
  fs::create_directories(folder.path() / "mine" / "photos");
  EXPECT_THAT(again("mine"), testing::Not(HasSubstr("resume")));
  EXPECT_TRUE(fs::exists(folder.path() / "mine" / "photos"));
  fs::create_directories(folder / "empty");
  EXPECT_NO_THROW(RunFolder::create(folder / "empty", example(), Settings::object()));
}

TEST(RunFolder, OneWhoseCreationWasCutOffIsFreeAgain) {
  TemporaryFolder folder;
  RunFolder::create(folder / "run", example(), Settings::object());
  fs::remove(folder.path() / "run" / "config.toml");  // it is written last
  EXPECT_NO_THROW(RunFolder::create(folder / "run", example(), {{"commit", "abc"}}));
  EXPECT_EQ(RunFolder::open(folder / "run").provenance()["commit"], "abc");
}

TEST(RunFolder, AChoiceOfKThatACutOffCallLeftIsNotTakenOver) {
  TemporaryFolder folder;
  write_json(folder.write("run/choosing_k.json", ""), {{"chosen", 2}});
  EXPECT_FALSE(fs::exists(RunFolder::create(folder / "run", example(), Settings::object()).choosing_k()));
  write_json(folder.write("again/choosing_k.json", ""), {{"chosen", 2}});
  RunFolder again = RunFolder::create(folder / "again", example(), Settings::object(), {{"chosen", 3}});
  EXPECT_EQ(read_json(again.choosing_k())["chosen"], 3);
}

TEST(RunFolder, IsItsMakersAloneBeforeAnythingIsWritten) {
  TemporaryFolder folder;
  fs::create_directories(folder / "run");
  {
    FolderLock other(folder / "run");
    EXPECT_RAISES(RunFolder::create(folder / "run", example(), Settings::object()), RunError, "another process");
    EXPECT_TRUE(fs::is_empty(folder / "run"));
  }
  {
    RunFolder run = RunFolder::create(folder / "run", example(), Settings::object());
    EXPECT_RAISES(FolderLock{run.path()}, RunError, "another process");
  }
  EXPECT_NO_THROW(FolderLock{folder / "run"});
}

TEST(RunFolder, WhatIsNotARunIsNamed) {
  TemporaryFolder folder;
  EXPECT_THROW(RunFolder::open(folder / "absent"), ArgumentError);
  EXPECT_RAISES(RunFolder::open(folder.path()), CorruptFileError, "no config.toml");
  RunFolder::create(folder / "run", example(), Settings::object());
  write_atomically(folder.path() / "run" / "provenance.json", "{");
  EXPECT_RAISES(RunFolder::open(folder / "run"), CorruptFileError, "provenance.json");
}

}  // namespace
}  // namespace cleave::experiment
