#include "cleave/experiment/fit.h"

#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cleave/base/checksum.h"
#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/data/open.h"
#include "cleave/experiment/compare.h"
#include "cleave/experiment/evaluate.h"
#include "cleave/experiment/finished_run.h"
#include "cleave/experiment/mapping.h"
#include "cleave/metrics/silhouette.h"
#include "cleave/models/registry.h"
#include "tests/support/raises.h"
#include "tests/support/temporary_folder.h"

namespace cleave::experiment {
namespace {

using testing::HasSubstr;
using tests::message_of;
using tests::TemporaryFolder;
namespace fs = std::filesystem;

/// A clock that ticks, and somebody who asks to stop after so many events.
class TestHost : public Host {
 public:
  explicit TestHost(int64_t patience = std::numeric_limits<int64_t>::max()) : patience_(patience) {}
  double seconds() override { return clock_ += 0.25; }
  bool should_stop() override { return seen_ >= patience_; }
  void event(const Settings& event) override { seen_ += event["event"] == "epoch" || event["event"] == "iteration"; }
  void note(const std::string& text) override { notes += text + "\n"; }
  std::string notes;

 private:
  int64_t patience_, seen_ = 0;
  double clock_ = 0;
};

/// Three round clusters in six dimensions, 100 examples each, as a csv file with the label in the last column.
DataConfig three_blobs(const fs::path& path) {
  at::Generator generator = Randomness(5).stream("blobs");
  std::ofstream file(path);
  file << "a,b,c,d,e,f,label\n";
  for (int64_t row = 0; row < 300; ++row) {
    Tensor x = at::randn({6}, generator) + 6.0 * (at::arange(6) % 3 == row % 3);
    for (int64_t i = 0; i < 6; ++i)
      file << x[i].item<double>() << ',';
    file << "class " << row % 3 << '\n';
  }
  DataConfig config;
  config.name = path.string();
  config.label_column = "label";
  return config;
}

RunConfig kmeans_on(const DataConfig& data) {
  RunConfig config;
  config.method = "kmeans";
  config.settings = {{"clusters", 3}, {"restarts", 2}};
  config.data = data;
  return config;
}

RunConfig vae_on(const DataConfig& data) {
  RunConfig config;
  config.method = "vade";
  config.settings = models::find_method("vade").tiny;
  config.data = data;
  config.training.batch_size = 64;
  config.training.checkpoint_seconds = 0;
  return config;
}

/// A method of two stages, the first of which learns codes.
RunConfig codes_on(const DataConfig& data, const std::string& method) {
  RunConfig config = vae_on(data);
  config.method = method;
  config.settings = models::find_method("n2d").tiny;
  if (method != "n2d") {
    for (const char* of_the_map : {"neighbours", "map_dim"})
      config.settings.erase(of_the_map);
  }
  return config;
}

std::vector<Settings> events_without_times(const fs::path& run) {
  std::vector<Settings> events = read_events(run / "events.jsonl");
  for (Settings& event : events)
    event.erase("seconds");
  return events;
}

class Fit : public testing::Test {
 protected:
  Progress train(const RunConfig& config, const std::string& name, TestHost& host) {
    return experiment::train(config, config.data.open(), folder_ / name, {{"command", "test"}}, host);
  }
  Progress train(const RunConfig& config, const std::string& name) {
    TestHost host;
    return train(config, name, host);
  }
  Progress resume(const std::string& name, TestHost& host) {
    RunFolder run = RunFolder::open(folder_ / name);
    return experiment::resume(run, run.config().data.open(), host);
  }

  TemporaryFolder folder_;
  DataConfig data_ = three_blobs(folder_ / "blobs.csv");
};

TEST_F(Fit, ARunLeavesEverythingThatItPromises) {
  Progress progress = train(kmeans_on(data_), "run");
  EXPECT_TRUE(progress.finished);
  EXPECT_GT(progress.epochs, 0);
  RunFolder run = RunFolder::open(folder_ / "run");
  for (const auto& file : {run.events(), run.model_file(), run.assignments(), run.embedding()}) {
    EXPECT_TRUE(fs::exists(file)) << file;
  }
  EXPECT_EQ(run.config().data.transform, "standardise");
  EXPECT_EQ(run.config().settings["restarts"], 2);
  EXPECT_EQ(run.provenance()["command"], "test");
  std::vector<Settings> events = read_events(run.events());
  EXPECT_EQ(events.front()["event"], "start");
  EXPECT_EQ(events.front()["n"], 300);
  EXPECT_EQ(events.back()["event"], "end");
  std::string csv = read_whole(run.assignments(), 1 << 20);
  EXPECT_THAT(csv, testing::StartsWith("index,cluster,confidence\n0,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 301);
}

TEST_F(Fit, EvaluationHasTheKeysThatApplyAndTheRightValues) {
  train(kmeans_on(data_), "run");
  Settings evaluation = evaluate(open_finished(folder_ / "run"));
  ASSERT_EQ(evaluation["facets"].size(), 1);
  const Settings& facet = evaluation["facets"][0];
  EXPECT_EQ(facet["against"], "label");
  EXPECT_EQ(facet["k"], 3);
  EXPECT_EQ(facet["examples"], 300);
  for (const char* key : {"accuracy_hungarian", "accuracy_majority", "accuracy_simple", "nmi_arithmetic",
                          "nmi_geometric", "nmi_max", "ari", "homogeneity", "completeness"}) {
    EXPECT_DOUBLE_EQ(facet[key].get<double>(), 1) << key;
  }
  EXPECT_EQ(evaluation["knn_error"]["5"], 0);
  EXPECT_EQ(evaluation["knn_split"], "leave one out");
  FinishedRun run = open_finished(folder_ / "run");
  auto silhouette = metrics::silhouette(run.view().all(), run.answers().assignment(0), Randomness(0));
  EXPECT_NEAR(evaluation["silhouette"][0]["value"], silhouette->mean, 1e-6) << "in the data: codes are distances";
  EXPECT_TRUE(at::equal(mapped_points(run), run.view().all()));
  EXPECT_FALSE(evaluation.contains("bounds")) << "k-means has none";
}

TEST_F(Fit, AGenerativeModelHasBoundsInOrder) {
  train(vae_on(data_), "run");
  Settings bounds = evaluate(open_finished(folder_ / "run"), {.iwae_samples = 50, .bound_examples = 40})["bounds"];
  EXPECT_EQ(bounds["iwae_samples"], 50);
  EXPECT_GT(bounds["iwae"].get<double>(), bounds["elbo"].get<double>());
  EXPECT_GT(bounds["elbo_se"].get<double>(), 0);
}

TEST_F(Fit, WithoutLabelsWhatNeedsThemIsAbsent) {
  DataConfig unlabelled = data_;
  fs::path file = folder_ / "unlabelled.csv";
  std::ofstream(file) << "1,2\n3,4\n9,9\n8,7\n1,1\n";
  unlabelled.name = file.string();
  unlabelled.label_column = "";
  RunConfig config = kmeans_on(unlabelled);
  config.settings = {{"clusters", 2}};
  train(config, "run");
  Settings evaluation = evaluate(open_finished(folder_ / "run"));
  EXPECT_FALSE(evaluation.contains("facets"));
  EXPECT_FALSE(evaluation.contains("knn_error"));
  EXPECT_TRUE(evaluation.contains("silhouette"));
}

TEST_F(Fit, AStoppedAndResumedRunEqualsAnUnbrokenOne) {
  train(vae_on(data_), "whole");
  for (int64_t stop_after : {1, 3, 4}) {
    std::string name = "broken" + std::to_string(stop_after);
    TestHost impatient(stop_after), patient;
    EXPECT_FALSE(train(vae_on(data_), name, impatient).finished);
    EXPECT_FALSE(fs::exists(folder_ / name / "model.safetensors"));
    EXPECT_TRUE(resume(name, patient).finished);
    EXPECT_THAT(patient.notes, HasSubstr("going on from step"));
    EXPECT_EQ(file_checksum128(folder_ / name / "model.safetensors"),
              file_checksum128(folder_ / "whole" / "model.safetensors"));
    EXPECT_EQ(events_without_times(folder_ / name), events_without_times(folder_ / "whole"));
  }
}

TEST_F(Fit, AFirstStageTakenOverGivesWhatTheRunGivesByItself) {
  train(codes_on(data_, "n2d"), "whole");
  train(codes_on(data_, "ae-kmeans"), "first");
  const RunFolder first = RunFolder::open(folder_ / "first");
  for (int64_t stop_after : {3, 1000}) {  // in its map, and never
    const std::string name = "taken" + std::to_string(stop_after);
    TestHost host(stop_after), patient;
    experiment::train(codes_on(data_, "n2d"), data_.open(), folder_ / name, {{"command", "test"}}, host, first);
    resume(name, patient);
    EXPECT_EQ(file_checksum128(folder_ / name / "model.safetensors"),
              file_checksum128(folder_ / "whole" / "model.safetensors"));
    EXPECT_EQ(events_without_times(folder_ / name), events_without_times(folder_ / "whole"));
  }
}

TEST_F(Fit, AnotherFirstStageIsRefusedByWhatDiffers) {
  train(codes_on(data_, "ae-kmeans"), "first");
  train(vae_on(data_), "vade");
  auto refusal = [&](const RunConfig& config, const char* from) {
    TestHost host;
    const std::string message = message_of<ArgumentError>([&] {
      experiment::train(config, data_.open(), folder_ / "run", {{"command", "test"}}, host,
                        RunFolder::open(folder_ / from));
    });
    EXPECT_FALSE(fs::exists(folder_ / "run"));
    return message;
  };
  RunConfig other = codes_on(data_, "n2d");
  other.seed = 1;
  EXPECT_THAT(refusal(other, "first"), HasSubstr("seed is 0 there and 1 here"));
  other = codes_on(data_, "n2d");
  other.settings["epochs"] = 3;
  EXPECT_THAT(refusal(other, "first"), HasSubstr("epochs is 2 there and 3 here"));
  other = codes_on(data_, "n2d");
  other.training.batch_size = 32;
  EXPECT_THAT(refusal(other, "first"), HasSubstr("batch_size is 64 there and 32 here"));
  EXPECT_THAT(refusal(kmeans_on(data_), "first"), HasSubstr("kmeans and ae-kmeans: only a first stage by gradient"));
  EXPECT_THAT(refusal(codes_on(data_, "n2d"), "vade"), HasSubstr("n2d and vade: only a first stage by gradient"));
  train(codes_on(data_, "ae-gmm"), "rescaled");
  EXPECT_THAT(refusal(codes_on(data_, "n2d"), "rescaled"), HasSubstr("ae-gmm has changed the network"));
  std::ofstream(data_.name, std::ios::app) << "1,2,3,4,5,6,class 0\n";
  EXPECT_THAT(refusal(codes_on(data_, "n2d"), "first"), HasSubstr("checksum"));
}

TEST_F(Fit, ResumingAFinishedRunChangesNothing) {
  Progress before = train(kmeans_on(data_), "run");
  std::string log = read_whole(folder_ / "run" / "events.jsonl", 1 << 20);
  TestHost host;
  Progress after = resume("run", host);
  EXPECT_EQ(after.steps, before.steps);
  EXPECT_EQ(after.epochs, before.epochs);
  EXPECT_EQ(read_whole(folder_ / "run" / "events.jsonl", 1 << 20), log);
  EXPECT_THAT(host.notes, HasSubstr("finished already"));
}

TEST_F(Fit, OtherDataCannotBeResumedOn) {
  TestHost impatient(1), host;
  train(vae_on(data_), "run", impatient);
  std::ofstream(data_.name, std::ios::app) << "1,2,3,4,5,6,class 0\n";
  EXPECT_RAISES(resume("run", host), DataError, "checksum");
}

TEST_F(Fit, ADamagedCheckpointFallsBackToTheOneBefore) {
  train(vae_on(data_), "whole");
  TestHost impatient(4), host;
  train(vae_on(data_), "run", impatient);
  std::vector<fs::path> checkpoints;
  for (const auto& entry : fs::directory_iterator(folder_ / "run" / "checkpoints"))
    checkpoints.push_back(entry.path());
  ASSERT_EQ(checkpoints.size(), 2);
  fs::path newest = std::max(checkpoints[0], checkpoints[1]);
  fs::resize_file(newest / "model.safetensors", fs::file_size(newest / "model.safetensors") - 1);
  EXPECT_TRUE(resume("run", host).finished);
  EXPECT_THAT(host.notes, HasSubstr("passed over the damaged checkpoint " + newest.filename().string()));
  EXPECT_EQ(file_checksum128(folder_ / "run" / "model.safetensors"),
            file_checksum128(folder_ / "whole" / "model.safetensors"));
}

TEST_F(Fit, UnfinishedRunsAndForeignDataAreNamed) {
  TestHost impatient(1);
  train(vae_on(data_), "stopped", impatient);
  EXPECT_RAISES(open_finished(folder_ / "stopped"), ArgumentError, "cleave resume");
  train(kmeans_on(data_), "run");
  std::ofstream(folder_ / "narrow.csv") << "1,2\n3,4\n";
  DataConfig narrow;
  narrow.name = (folder_ / "narrow.csv").string();
  EXPECT_RAISES(open_finished(folder_ / "run", narrow), DataError,
                "examples have 2 values, but the run was fitted to examples of 6");
}

TEST_F(Fit, ADamagedModelFileIsNamed) {
  train(kmeans_on(data_), "run");
  fs::path file = folder_ / "run" / "model.safetensors";
  std::string bytes = read_whole(file, 1 << 20);
  for (size_t at = 0; at < bytes.size(); at += 97) {
    std::string damaged = bytes;
    damaged[at] ^= 1;
    write_atomically(file, damaged);
    EXPECT_RAISES(load_fitted_model(file), CorruptFileError, "model.safetensors") << at;
  }
}

TEST_F(Fit, ALoadedRunAnswersAsItDidWhenItEndedWhateverTheBatch) {
  RunConfig config = vae_on(data_);
  config.method = "vlac";  // normalises over the batch while it learns
  config.settings = models::find_method("vlac").tiny;
  train(config, "run");
  FinishedRun run = open_finished(folder_ / "run");
  const Tensor stored = data::open(run.folder.embedding().string()).examples.dense;
  for (int64_t count : {int64_t{1}, int64_t{300}}) {
    const Tensor asked = run.fitted.model->embed(run.view().rows(at::arange(count)));
    EXPECT_TRUE(at::allclose(asked, stored.narrow(0, 0, count), 1e-4, 1e-5)) << count;
  }
}

TEST_F(Fit, DrawnExamplesTakeThePlaceOfAShareOfTheReal) {
  RunConfig config = vae_on(data_);
  config.method = "n-vae";
  config.settings = models::find_method("n-vae").tiny;
  config.data.labels = "own";
  train(config, "generator");
  const data::Dataset real = data_.open();
  DataConfig mixed_data = data_;
  mixed_data.artificial = (folder_ / "generator").string();
  mixed_data.artificial_share = 0.4;
  const data::Dataset mixed = mixed_data.open();
  const Tensor replaced = mixed.examples.dense.ne(real.examples.dense).any(1);
  EXPECT_EQ(replaced.sum().item<int64_t>(), 120);
  EXPECT_TRUE(
      at::equal(mixed.labels.masked_select(replaced.logical_not()), real.labels.masked_select(replaced.logical_not())));
  // What is drawn of class k is nearer to the real examples of class k than to those of another.
  std::vector<Tensor> drawn, truth;
  for (int64_t k = 0; k < 3; ++k) {
    const Tensor rows = replaced.logical_and(mixed.labels.eq(k)).nonzero().flatten();
    ASSERT_GT(rows.size(0), 20);
    drawn.push_back(mixed.examples.dense.index_select(0, rows).to(at::kDouble).mean(0));
    truth.push_back(real.examples.dense.index_select(0, real.labels.eq(k).nonzero().flatten()).to(at::kDouble).mean(0));
  }
  EXPECT_TRUE(at::equal(at::cdist(at::stack(drawn), at::stack(truth)).argmin(1), at::arange(3)));
  EXPECT_EQ(mixed_data.open().checksum(), mixed.checksum());
  // Drawn far out, classes run into each other; what the generator does not recognise can be left out.
  mixed_data.artificial_share = 1;
  mixed_data.artificial_spread = 3;
  auto unrecognised = [&] {
    const data::Dataset all = mixed_data.open();
    const FittedModel generator = open_fitted(folder_ / "generator");
    const data::View view(all, generator.pipeline);
    return generator.model->infer(view.all()).y.back().ne(all.labels).sum().item<int64_t>();
  };
  EXPECT_GT(unrecognised(), 10);
  mixed_data.artificial_recognised = true;
  EXPECT_LE(unrecognised(), 2);  // values are stored rounded
  // Clusters are no classes of the data.
  config.method = "vade";
  config.settings = models::find_method("vade").tiny;
  config.data.labels = "";
  train(config, "vade");
  mixed_data.artificial = (folder_ / "vade").string();
  EXPECT_EQ(mixed_data.open().label_names, (std::vector<std::string>{"0", "1", "2"}));
  mixed_data.artificial_share = 0.4;
  EXPECT_EQ(mixed_data.open().labels.eq(-1).sum().item<int64_t>(), 120);
  train(kmeans_on(data_), "kmeans");
  mixed_data.artificial = (folder_ / "kmeans").string();
  EXPECT_RAISES(mixed_data.open(), ArgumentError, "draws no samples");
}

TEST_F(Fit, WhatAFactorIsUnknownForCountsForNothing) {
  train(kmeans_on(data_), "run");
  FinishedRun run = open_finished(folder_ / "run");
  const Tensor classes = run.dataset.labels.to(at::kDouble);
  const Tensor some = classes.index_fill(0, at::arange(100), std::nan(""));
  run.dataset.factors = {{"some", some, true}, {"none", at::full({300}, std::nan(""), at::kDouble), true}};
  const Settings facets = evaluate(run)["facets"];
  ASSERT_EQ(facets.size(), 2u);
  EXPECT_EQ(facets[1]["against"], "some");
  EXPECT_EQ(facets[1]["examples"], 200);
  EXPECT_GT(facets[1]["accuracy_hungarian"], 0.9);
}

TEST_F(Fit, WhatAClusterWithoutExamplesSaysIsAbsent) {
  train(vae_on(data_), "run");
  FinishedRun run = open_finished(folder_ / "run");
  run.dataset.examples.dense = run.dataset.examples.dense.narrow(0, 0, 1).repeat({300, 1});  // all in one of three
  const Settings evaluation = evaluate(run);
  ASSERT_TRUE(evaluation.contains("information"));
  for (const auto& [latent, of_clusters] : evaluation["information"].items())
    EXPECT_EQ(of_clusters.size(), 1u) << latent;
}

TEST_F(Fit, ComparisonShowsWhatDiffers) {
  for (int64_t seed : {0, 1}) {
    RunConfig config = kmeans_on(data_);
    config.seed = seed;
    std::string name = std::to_string(seed);
    train(config, name);
    EXPECT_THROW(compare({folder_ / name}), ArgumentError) << "not evaluated yet";
    write_json(folder_ / name / "evaluation.json", evaluate(open_finished(folder_ / name)));
  }
  Settings rows = compare({folder_ / "0", folder_ / "1"});
  EXPECT_EQ(rows[1]["settings"], (Settings{{"seed", 1}}));
  EXPECT_EQ(rows[1]["facets"][0]["accuracy_hungarian"], 1);
}

}  // namespace
}  // namespace cleave::experiment
