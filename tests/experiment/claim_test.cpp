#include "cleave/experiment/claim.h"

#include <cmath>

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/experiment/event_log.h"
#include "tests/support/raises.h"
#include "tests/support/temporary_folder.h"

namespace cleave::experiment {
namespace {

using tests::TemporaryFolder;

const std::string kClaim = R"(
title = "k-means on moons"
seeds = 2
measures = ["/facets/0/accuracy_hungarian", "/facets/0/ari"]
[method]
name = "kmeans"
clusters = 2
[data]
name = "moons"
[expect]
each = [0.5, 1.0]
mean = [0.7, 0.9]
)";

/// A finished run as far as a claim looks at it.
std::filesystem::path add_run(const TemporaryFolder& folder, const Claim& claim, int64_t seed, double accuracy) {
  RunConfig config = claim.config;
  config.seed = seed;
  auto path = folder / ("seed-" + std::to_string(seed));
  RunFolder::create(path, config, {{"commit", "abc"}, {"seed", seed}, {"threads", 2}});
  EventLog(path / "events.jsonl", 0).append({{"event", "end"}, {"seconds", 1.5}});
  write_json(path / "evaluation.json", {{"facets", {{{"accuracy_hungarian", accuracy}, {"ari", 0.25}}}}});
  return path;
}

Settings outcome_of(const Claim& claim, const std::vector<std::filesystem::path>& paths) {
  std::vector<Settings> runs;
  for (const std::filesystem::path& path : paths)
    runs.push_back(run_outcome(claim, RunFolder::open(path)));
  return outcome(claim, runs);
}

TEST(Claim, SaysMeanAndDeviationOfEverySeed) {
  TemporaryFolder folder;
  folder.write("moons-kmeans/claim.toml", kClaim);
  Claim claim = read_claim(folder / "moons-kmeans");
  EXPECT_EQ(claim.name, "moons-kmeans");
  EXPECT_EQ(claim.seeds, 2);
  Settings result = outcome_of(claim, {add_run(folder, claim, 0, 0.7), add_run(folder, claim, 1, 0.8)});
  EXPECT_NEAR(result["measures"]["accuracy_hungarian"]["mean"].get<double>(), 0.75, 1e-12);
  EXPECT_NEAR(result["measures"]["accuracy_hungarian"]["sd"].get<double>(), std::sqrt(0.005), 1e-12);
  EXPECT_EQ(result["measures"]["ari"]["max"], 0.25);
  EXPECT_EQ(result["runs"][1], Settings({{"seed", 1}, {"seconds", 1.5}, {"accuracy_hungarian", 0.8}, {"ari", 0.25}}));
  EXPECT_EQ(result["held"], true);
  EXPECT_EQ(result["provenance"], Settings({{"threads", 2}, {"commits", {"abc"}}}));
  EXPECT_EQ(result["asked"], Settings({{"seeds", 2},
                                       {"measures", {"/facets/0/accuracy_hungarian", "/facets/0/ari"}},
                                       {"method", {{"clusters", 2}, {"name", "kmeans"}}},
                                       {"data", {{"name", "moons"}}}}));
}

TEST(Claim, NamesEveryBuildThatHadAPartInIt) {
  TemporaryFolder folder;
  folder.write("moons-kmeans/claim.toml", kClaim);
  Claim claim = read_claim(folder / "moons-kmeans");
  RunConfig config = claim.config;
  RunFolder::create(folder / "first", config, {{"commit", "stage"}});
  RunFolder::create(folder / "drawing", config, {{"commit", "drew"}});
  config.data.artificial = (folder / "drawing").string();
  RunFolder run = RunFolder::create(folder / "run", config, {{"commit", "began"}, {"pretrained", folder / "first"}});
  run.add_commit("began");
  run.add_commit("ended");
  EventLog(folder / "run/events.jsonl", 0).append({{"event", "end"}, {"seconds", 1.5}});
  write_json(folder / "run/evaluation.json",
             {{"commit", "asked"}, {"facets", {{{"accuracy_hungarian", 1}, {"ari", 1}}}}});
  EXPECT_EQ(outcome_of(claim, {folder / "run"})["provenance"]["commits"],
            Settings({"asked", "began", "drew", "ended", "stage"}));
}

TEST(Claim, NamesEveryNumberOfThreadsAndEveryMachine) {
  TemporaryFolder folder;
  folder.write("a/claim.toml", kClaim);
  Claim claim = read_claim(folder / "a");
  std::vector<std::filesystem::path> runs;
  for (int64_t seed : {0, 1, 2}) {
    runs.push_back(add_run(folder, claim, seed, 0.8));
    write_json(runs.back() / "provenance.json",
               {{"threads", seed == 1 ? 4 : 2}, {"machine", {{"cores", 2}}}, {"commit", "abc"}});
  }
  const Settings both = outcome_of(claim, runs), last = outcome_of(claim, {runs[2]});
  EXPECT_EQ(both["provenance"], Settings({{"threads", {2, 4}}, {"machine", {{"cores", 2}}}, {"commits", {"abc"}}}));
  EXPECT_EQ(study_outcome(claim, {last})["provenance"]["threads"], 2);
  claim.variants.push_back(claim.variants[0]);
  EXPECT_EQ(study_outcome(claim, {both, last})["provenance"]["threads"], Settings({2, 4}));
}

TEST(Claim, IsMissedWhenOneSeedOrTheMeanLiesOutside) {
  TemporaryFolder folder;
  folder.write("a/claim.toml", kClaim);
  Claim claim = read_claim(folder / "a");
  auto best = add_run(folder, claim, 0, 1.0), worst = add_run(folder, claim, 1, 0.45),
       good = add_run(folder, claim, 2, 0.95);
  EXPECT_EQ(outcome_of(claim, {best, worst})["held"], false);  // the mean is fine, a seed is not
  EXPECT_EQ(outcome_of(claim, {best, good})["held"], false);   // each seed is fine, the mean is not
}

TEST(Claim, AMeasureMayHaveANameOfItsOwn) {
  TemporaryFolder folder;
  std::string text = kClaim;
  text.replace(text.find("\"/facets/0/ari"), 1, "\"rand = ");
  folder.write("a/claim.toml", text);
  Claim claim = read_claim(folder / "a");
  EXPECT_EQ(outcome_of(claim, {add_run(folder, claim, 0, 0.7)})["measures"]["rand"]["mean"], 0.25);
}

TEST(Claim, ExpectsOfEachMeasureByItsName) {
  TemporaryFolder folder;
  folder.write("a/claim.toml", kClaim + "sd = [0, 0.1]\n[expect.ari]\nmean = [0.3, 1]\n");
  Claim claim = read_claim(folder / "a");
  EXPECT_EQ(claim.expect["accuracy_hungarian"]["sd"], Settings({0, 0.1}));
  auto low = add_run(folder, claim, 0, 0.7), high = add_run(folder, claim, 1, 0.8),
       higher = add_run(folder, claim, 2, 1);
  EXPECT_EQ(outcome_of(claim, {low, high})["held"], false);  // the other measure is 0.25
  claim.expect["ari"]["mean"] = {0.2, 1};
  EXPECT_EQ(outcome_of(claim, {low, high})["held"], true);
  EXPECT_EQ(outcome_of(claim, {low, higher})["held"], false);  // they scatter by 0.21
}

TEST(Claim, OfHeldOutDataIsMeasuredOnThem) {
  TemporaryFolder folder;
  folder.write("a/claim.toml", "evaluated = \"test\"\n" + kClaim);
  Claim claim = read_claim(folder / "a");
  auto run = add_run(folder, claim, 0, 0.95);  // on the data of the fit
  EXPECT_RAISES(outcome_of(claim, {run}), ArgumentError, "not evaluated yet");
  write_json(run / "evaluation_test.json", {{"facets", {{{"accuracy_hungarian", 0.8}, {"ari", 0.5}}}}});
  Settings result = outcome_of(claim, {run});
  EXPECT_EQ(result["runs"][0]["accuracy_hungarian"], 0.8);
  EXPECT_EQ(result["measures"]["accuracy_hungarian"]["mean"], 0.8);
  EXPECT_EQ(result["measures"]["ari"]["mean"], 0.5);
  EXPECT_EQ(result["held"], true) << "0.95 would be too good";
}

TEST(Claim, AStudyCrossesTheSettingsOfOneTable) {
  TemporaryFolder folder;
  folder.write("a/claim.toml", kClaim + "[[vary]]\nclusters = [2, 3]\nrestarts = [1, 2]\n[[vary]]\nclusters = [5]\n");
  Claim claim = read_claim(folder / "a");
  ASSERT_EQ(claim.variants.size(), 5);
  EXPECT_EQ(variant_folder(claim.variants[1]), "clusters=2,restarts=2");
  EXPECT_EQ(claim.variants[4], Settings({{"clusters", 5}}));
  Settings one = outcome_of(claim, {add_run(folder, claim, 0, 0.7), add_run(folder, claim, 1, 0.8)});
  Settings other = one;
  other["provenance"]["commits"] = {"def"};
  Settings study = study_outcome(claim, {other, one, one, one, one});
  EXPECT_EQ(study["provenance"]["commits"], Settings({"abc", "def"}));
  EXPECT_EQ(study["points"][4]["settings"], Settings({{"clusters", 5}}));
  EXPECT_NEAR(study["points"][4]["measures"]["accuracy_hungarian"]["mean"].get<double>(), 0.75, 1e-12);
}

TEST(Claim, NamesTheFileAndWhatIsWrongInIt) {
  TemporaryFolder folder;
  auto read = [&](const std::string& text) {
    folder.write("a/claim.toml", text);
    read_claim(folder / "a");
  };
  EXPECT_RAISES(read("seeds = "), ArgumentError, "claim.toml:1");
  EXPECT_RAISES(read("sedes = 3\n" + kClaim), ArgumentError, "'seeds'");
  EXPECT_RAISES(read(kClaim + "worst = [0, 1]\n"), ArgumentError, "'worst'");
  EXPECT_RAISES(read(kClaim + "[expect.nmi]\nmean = [0, 1]\n"), ArgumentError, "'nmi'");
  EXPECT_RAISES(read(kClaim + "[[vary]]\nclusters = 3\n"), ArgumentError, "list of values");
  EXPECT_RAISES(read(kClaim + "[training]\nbatch_sise = 3\n"), ArgumentError, "batch_size");
  EXPECT_RAISES(read("title = 'x'\nseeds = 0\nmeasures = ['/n']\n[method]\nname = 'pca'\n[data]\nname = 'moons'\n"),
                ArgumentError, "a seed");
  EXPECT_RAISES(read(kClaim + "[published]\nvalue = 0.5\n"), ArgumentError, "[published]");
  std::string ari_twice = kClaim;
  ari_twice.replace(ari_twice.find("0/accuracy_hungarian"), 20, "1/ari");
  EXPECT_RAISES(read(ari_twice), ArgumentError, "'ari'");
  EXPECT_RAISES(read("title = 'x'\nseeds = 1\nmeasures = ['n']\n[method]\nname = 'pca'\n[data]\nname = 'moons'\n"),
                ArgumentError, "claim.toml");
  EXPECT_RAISES(read_claim(folder / "absent"), ArgumentError, "absent/claim.toml");
}

TEST(Claim, ARunThatWasAskedSomethingElseIsRefused) {
  TemporaryFolder folder;
  folder.write("a/claim.toml", kClaim);
  Claim claim = read_claim(folder / "a");
  RunFolder run = RunFolder::open(add_run(folder, claim, 0, 0.7));
  EXPECT_NO_THROW(require_same_request(claim.config, run));
  RunConfig other = claim.config;
  other.data.data_root = "/moved";
  EXPECT_NO_THROW(require_same_request(other, run));
  other.settings["clusters"] = 3;
  EXPECT_THROW(require_same_request(other, run), ArgumentError);
  other = claim.config;
  other.training.batch_size = 17;
  EXPECT_THROW(require_same_request(other, run), ArgumentError);
  other = claim.config;
  other.seed = 1;
  EXPECT_THROW(require_same_request(other, run), ArgumentError);
}

TEST(Claim, WhatIsKeptOfARunIsOfTheClaimWhateverTheSeedsAndVariants) {
  TemporaryFolder folder;
  auto read = [&](const std::string& text) {
    folder.write("a/claim.toml", text);
    return read_claim(folder / "a");
  };
  const Claim claim = read(kClaim);
  const Settings kept = run_outcome(claim, RunFolder::open(add_run(folder, claim, 0, 0.7)));
  EXPECT_TRUE(is_of(claim, kept));
  std::string more_seeds = kClaim, other_data = kClaim;
  more_seeds.replace(more_seeds.find("seeds = 2"), 9, "seeds = 5");
  EXPECT_TRUE(is_of(read(more_seeds + "[[vary]]\nclusters = [2]\n"), kept));
  other_data.replace(other_data.find("\"moons\""), 7, "\"circles\"");
  EXPECT_FALSE(is_of(read(other_data), kept));
  EXPECT_FALSE(is_of(read(kClaim + "[training]\nbatch_size = 10\n"), kept));
  EXPECT_FALSE(is_of(claim, Settings::array()));
}

TEST(Claim, AMeasureThatARunLacksIsNamed) {
  TemporaryFolder folder;
  folder.write("a/claim.toml", kClaim);
  Claim claim = read_claim(folder / "a");
  auto run = add_run(folder, claim, 0, 0.7);
  claim.measures = {{"nmi_arithmetic", "/facets/0/nmi_arithmetic"}};
  EXPECT_RAISES(outcome_of(claim, {run}), ArgumentError, "/facets/0/nmi_arithmetic");
}

}  // namespace
}  // namespace cleave::experiment
