#include "cleave/report/run_report.h"

#include <fstream>
#include <regex>
#include <set>

#include <gmock/gmock.h>

#include "cleave/analysis/answers.h"
#include "cleave/base/error.h"
#include "cleave/report/history.h"
#include "tests/report/markup.h"
#include "tests/support/linear_model.h"
#include "tests/support/temporary_folder.h"

namespace cleave::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using tests::LinearModel;
using tests::square_images;
using tests::unit_view;

std::vector<Settings> course_of_training() {
  std::vector<Settings> events = {{{"event", "start"}, {"schema", 1}}, {{"event", "stage"}, {"name", "pretrain"}}};
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    events.push_back({{"event", "epoch"},
                      {"stage", "pretrain"},
                      {"epoch", epoch},
                      {"seconds", 1.5 * double(epoch)},
                      {"terms", {{"reconstruction", {{"nats", 80.0 - double(epoch)}, {"weight", 1.0}}}}},
                      {"learning_rate", 0.001}});
  }
  for (int64_t i = 0; i < 2; ++i) {
    events.push_back({{"event", "iteration"},
                      {"stage", "mixture"},
                      {"iteration", i},
                      {"values", {{"log_likelihood", -3.0 + double(i)}}}});
  }
  for (int64_t epoch = 0; epoch < 2; ++epoch) {
    events.push_back(
        {{"event", "epoch"},
         {"stage", "joint"},
         {"epoch", epoch},
         {"seconds", 60},
         {"terms", {{"reconstruction", {{"nats", 70.0}, {"weight", 1.0}}}, {"kl_z", {{"nats", 9.0}, {"weight", 1.0}}}}},
         {"facets", {{{"layer", 0}, {"occupancy", {0.3, 0.3, 0.4, 0.0}}, {"accuracy_hungarian", 0.8}}}},
         {"information", {0.0, 2.5}}});
  }
  events.push_back({{"event", "note"}, {"text", "cluster 3 has been empty for 4 epochs <script>"}});
  events.push_back({{"event", "end"}, {"steps", 500}, {"seconds", 61.0}});
  return events;
}

/// A run of the linear model over images that tests may change before asking for its report.
struct FinishedRun {
  data::Dataset dataset = square_images(300);
  LinearModel model;
  model::Method method = {};
  std::vector<Settings> events;
  Settings config = {{"clusters", 4}, {"training", {{"batch_size", 256}}}}, evaluation, choosing_k;

  explicit FinishedRun(model::Abilities abilities = LinearModel::kEverything, bool soft = true)
      : model(abilities, soft) {
    method.name = "linear";
    method.title = "Linear model";
  }

  Report report() {
    data::View view = unit_view(dataset);
    return run_report({.model = model,
                       .method = method,
                       .dataset = dataset,
                       .view = view,
                       .config = config,
                       .provenance = {{"version", "1"}, {"command", "cleave train linear squares"}},
                       .events = events,
                       .evaluation = evaluation,
                       .choosing_k = choosing_k});
  }
};

/// A figure of the report as a file; empty when it has none of this name.
std::string file_of(const Report& report, const std::string& name) {
  for (const Figure& figure : report.figures) {
    if (figure.name == name) return figure.bytes;
  }
  return "";
}

TEST(History, LaysStagesEndToEndAndLiftsTheLineBetween) {
  History history = read_history(course_of_training());
  ASSERT_EQ(history.stages.size(), 2);
  EXPECT_EQ(history.stages[1].name, "joint");
  ASSERT_EQ(history.terms.size(), 2);
  EXPECT_THAT(history.terms[0].x, testing::ElementsAre(1, 2, 3, 3, 4, 5));
  EXPECT_TRUE(std::isnan(history.terms[0].y[3]));
  EXPECT_THAT(history.terms[1].x, testing::ElementsAre(4, 5));
  ASSERT_EQ(history.iterations.size(), 1);
  EXPECT_THAT(history.iterations[0].second[0].y, testing::ElementsAre(-3, -2));
  EXPECT_EQ(history.occupancy[0].size(), 4);
  EXPECT_EQ(history.agreement[0][0].name, "accuracy_hungarian");
}

TEST(History, TakesTheLaterOfTwoEpochsAndPassesOverNonsense) {
  std::vector<Settings> events = {
      Settings(),
      Settings::array(),
      {{"event", 3}},
      {{"event", "epoch"}},
      {{"event", "epoch"}, {"epoch", "one"}},
      {{"event", "epoch"}, {"stage", "a"}, {"epoch", 0}, {"terms", 5}, {"facets", {1, 2}}, {"information", "no"}},
      {{"event", "epoch"}, {"stage", "a"}, {"epoch", 1}, {"terms", {{"t", {{"nats", 1.0}}}}}},
      {{"event", "epoch"}, {"stage", "a"}, {"epoch", 1}, {"terms", {{"t", {{"nats", 2.0}}}}}}};
  EXPECT_THAT(read_history(events).terms[0].y, testing::ElementsAre(2.0));
}

TEST(RunReport, ShowsTheScreePlotOfAMethodThatKeepsItsVariances) {
  FinishedRun run;
  run.model.register_buffer("spectrum", at::tensor({6.F, 3.F, 0.5F}));
  run.model.register_buffer("explained_variance", at::tensor({6.F, 3.F}));
  run.model.register_buffer("total_variance", at::full({}, 10.0, at::kDouble));
  Report report = run.report();
  EXPECT_THAT(report.html, HasSubstr("The 2 components of this run explain 90"));
  auto scree = std::find_if(report.figures.begin(), report.figures.end(),
                            [](const Figure& figure) { return figure.name == "scree.svg"; });
  ASSERT_NE(scree, report.figures.end());
  for (const char* share : {">60.0<", ">30.0<", ">5.0<"})
    EXPECT_THAT(scree->bytes, HasSubstr(share));
  EXPECT_THAT(FinishedRun().report().html, Not(HasSubstr("components of this run")));
}

TEST(RunReport, ShowsTheGraphOfFewExamplesWithACliquePanelForEachSize) {
  FinishedRun run;
  run.dataset = square_images(5);
  run.model.register_buffer("edges", at::tensor({0, 1, 0, 2, 1, 2, 2, 3}, at::kLong).view({4, 2}));
  run.model.register_buffer("membership_offsets", at::tensor({0, 1, 2, 4, 5, 5}, at::kLong));
  run.model.register_buffer("memberships", at::tensor({0, 0, 0, 1, 1}, at::kLong));
  std::string html = run.report().html;
  EXPECT_THAT(html, HasSubstr("Cliques with 2 members (1)"));
  EXPECT_THAT(html, HasSubstr("Cliques with 3 members (1)"));
  EXPECT_EQ(markup_error(without_scripts(html)), "");
}

TEST(RunReport, ShowsWhatSpokeForTheNumberOfClusters) {
  FinishedRun run;
  run.choosing_k = {{"tried", {1, 2, 3}},
                    {"criteria",
                     {{{"name", "silhouette"},
                       {"rule", "where it is largest"},
                       {"values", {nullptr, 0.5, 0.4}},
                       {"errors", Settings::array()},
                       {"favours", 2}},
                      {{"name", "gap"},
                       {"rule", "first"},
                       {"values", {0.1, 0.2, 0.3}},
                       {"errors", {0.1, 0.1, 0.1}},
                       {"favours", nullptr}}}},
                    {"counts", {{{"name", "HDBSCAN"}, {"clusters", 2}}}},
                    {"chosen", 2},
                    {"reason", "2 clusters, as silhouette and HDBSCAN favour"},
                    {"examples", 300},
                    {"dimensions", 2}};
  std::string html = run.report().html;
  for (const char* text : {"How many clusters", "2 clusters, as silhouette and HDBSCAN favour.", "silhouette favours 2",
                           "gap favours none", "HDBSCAN by itself finds 2."})
    EXPECT_THAT(html, HasSubstr(text));
  EXPECT_EQ(markup_error(without_scripts(html)), "");
  run.choosing_k = Settings();
  EXPECT_THAT(run.report().html, Not(HasSubstr("How many clusters")));
}

TEST(RunReport, ShowsEverySectionOfAMethodThatCanDoAll) {
  FinishedRun run;
  run.events = course_of_training();
  run.evaluation = {
      {"facets",
       {{{"layer", 0}, {"k", 4}, {"against", "label"}, {"accuracy_hungarian", 0.94567}, {"nmi_arithmetic", 0.5}}}},
      {"facet_factors", {{{"layer", 0}, {"k", 4}, {"nmi", {{"slant", 0.25}, {"hue", 1.0}}}, {"best", "hue"}}}},
      {"knn_error", {{"3", 0.01}}},
      {"bounds", {{"elbo", -98.3}, {"elbo_se", 0.1}}}};
  Report report = run.report();
  EXPECT_EQ(markup_error(without_scripts(report.html)), "");
  for (const char* heading :
       {"Summary", "Clusters at a glance", "Map", "Clusters against labels", "Training", "Samples per cluster",
        "Clusters against factors", "Samples", "What each cluster says with each latent", "Codes beside the prior",
        "Reconstructions", "Latents, one at a time", "Between two examples", "Metrics", "Notes from training",
        "Settings", "Provenance", "Do it again"}) {
    EXPECT_THAT(report.html, HasSubstr("<h2>" + std::string(heading) + "</h2>"));
  }
  EXPECT_THAT(report.html, HasSubstr("94.6\u202f%"));
  EXPECT_THAT(report.html, HasSubstr("cleave train linear squares"));
  EXPECT_THAT(report.html, HasSubstr("training.batch_size"));
  EXPECT_THAT(report.html, HasSubstr("-98.30 \u00b1 0.1"));
  EXPECT_THAT(report.html, HasSubstr("1 min 1 s"));
}

TEST(RunReport, IsOneFileThatLoadsNothingAndRunsNothingButItsMap) {
  FinishedRun run;
  run.events = course_of_training();
  std::string html = run.report().html;
  EXPECT_EQ(count_of(html, "<script"), 1);
  EXPECT_EQ(count_of(html, "</script"), 1);
  EXPECT_FALSE(std::regex_search(without_scripts(html), std::regex(R"((src|href)\s*=\s*"(?!data:|#))")));
  EXPECT_THAT(html, Not(testing::AnyOf(HasSubstr("@import"), HasSubstr("url("), HasSubstr("fetch("))));
  EXPECT_EQ(count_of(html, "http"), count_of(html, "http://www.w3.org/2000/svg"));
}

TEST(RunReport, EscapesNamesThatComeWithTheData) {
  FinishedRun run;
  run.dataset.name = "<script>data</script>";
  run.dataset.label_names = {"<script>label</script>", "\"b\"", "c & d", "d"};
  run.method.title = "<img onerror=x>";
  std::string whole = run.report().html, html = without_scripts(whole);
  EXPECT_EQ(count_of(whole, "<script"), 1);
  EXPECT_EQ(count_of(whole, "</script"), 1);
  EXPECT_EQ(markup_error(without_scripts(html)), "");
  EXPECT_THAT(html, Not(HasSubstr("<img onerror")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;label"));
}

TEST(RunReport, IsTheSameForTheSameSeed) {
  FinishedRun run;
  EXPECT_EQ(run.report().html, run.report().html);
}

TEST(RunReport, OfAClustererOfTablesHasNoPicturesOfImages) {
  FinishedRun run({.clusters = true}, /*soft=*/false);
  run.dataset.kind = data::Kind::kTable;
  run.dataset.shape = {16};
  run.dataset.examples.dense = run.dataset.examples.dense.to(at::kFloat) / 255;
  run.dataset.labels = Tensor();
  run.dataset.feature_names.assign(16, "<i>height</i>");
  Report report = run.report();
  EXPECT_EQ(markup_error(without_scripts(report.html)), "");
  EXPECT_THAT(report.html, Not(testing::AnyOf(HasSubstr("<img"), HasSubstr("<i>height"), HasSubstr("against labels"),
                                              HasSubstr("Reconstructions"), HasSubstr("<h2>Training"))));
  EXPECT_THAT(report.html, HasSubstr("&lt;i&gt;height"));
}

TEST(RunReport, SurvivesAClusteringWithEmptyClustersAndNoise) {
  FinishedRun run;
  run.dataset.examples.dense.fill_(200);
  run.dataset.labels.fill_(-1);
  run.dataset.labels[0] = 1;
  EXPECT_EQ(markup_error(without_scripts(run.report().html)), "");
}

TEST(RunReport, CallsClustersAskedForOnlyWhereTheSettingsDo) {
  FinishedRun run;
  run.dataset.examples.dense.fill_(200);  // all in one cluster of four
  for (const Settings& clusters : {Settings(4), Settings::array({4})}) {
    run.config["clusters"] = clusters;
    EXPECT_THAT(run.report().html, HasSubstr("It found 1 cluster (3 of the 4 asked for are empty).")) << clusters;
  }
  for (const Settings& clusters : {Settings(), Settings(0)}) {
    run.config["clusters"] = clusters;
    EXPECT_THAT(run.report().html, HasSubstr("It found 1 cluster (3 more are the most probable one of no example)."));
  }
}

TEST(RunReport, SaysOfHowManyExamplesTheAccuracyIs) {
  FinishedRun run;
  run.evaluation = {{"facets", {{{"against", "label"}, {"examples", 300}, {"accuracy_hungarian", 0.5}}}}};
  EXPECT_THAT(run.report().html, HasSubstr("</strong> of the images lie in the cluster matched"));
  run.evaluation["facets"][0]["examples"] = 10;
  EXPECT_THAT(run.report().html, HasSubstr("</strong> of the 10 images whose label is known lie in the cluster"));
}

TEST(RunReport, ClaimsToHaveSeenLabelsOrNotAsTheRunDid) {
  FinishedRun run;
  run.events = course_of_training();
  run.evaluation = {{"facets", {{{"against", "label"}, {"accuracy_hungarian", 0.5}}}}};
  tests::TemporaryFolder other_run;
  const std::string never = "which the method never saw", no_choice = "selection has seen them",
                    some = "may have learned from some", learned = "learned from labels";
  std::string html = run.report().html;
  EXPECT_THAT(html, AllOf(HasSubstr(never), HasSubstr(no_choice), Not(HasSubstr(some)), Not(HasSubstr(learned))));
  for (const char* labels : {"own", "/some/labels.txt"}) {
    run.config["data"] = {{"labels", labels}, {"artificial", ""}};
    html = run.report().html;
    EXPECT_EQ(count_of(html, learned), 2) << labels;
    EXPECT_THAT(html,
                AllOf(HasSubstr("but for those that it was given"), Not(HasSubstr(never)), Not(HasSubstr(no_choice))));
  }
  run.config["data"] = {{"labels", other_run.path().string()}};
  html = run.report().html;
  EXPECT_EQ(count_of(html, "learned from the clusters of <code>" + other_run.path().string()), 2);
  EXPECT_THAT(html, AllOf(HasSubstr("was given no labels"), Not(HasSubstr(learned)), Not(HasSubstr(no_choice))));
  run.config["data"] = {{"labels", ""}, {"artificial", "/some/run"}};
  html = run.report().html;
  EXPECT_EQ(count_of(html, some), 3) << "summary, training and metrics";
  EXPECT_THAT(html, AllOf(Not(HasSubstr(never)), Not(HasSubstr(no_choice)), Not(HasSubstr(learned))));
}

TEST(RunReport, OfASampleOfTheExamplesCountsNoMembersAndJudgesNoClusterWithoutAny) {
  FinishedRun run;
  EXPECT_THAT(file_of(run.report(), "map_by_cluster.svg"), HasSubstr("  ("));
  constexpr int64_t kExamples = 5010;  // of which 5000 are asked, and 4000 are in the map as a file
  run.dataset = square_images(kExamples);
  const Tensor asked = analysis::stratified_rows(kExamples, 5000);
  const Tensor others = at::ones({kExamples}).index_fill(0, asked, 0).nonzero().flatten();
  run.dataset.examples.dense.select(1, 1).fill_(0);
  run.dataset.examples.dense.narrow(1, 0, 2).index_fill_(0, others, 255);  // they alone are cluster 3
  const Report report = run.report();
  EXPECT_THAT(file_of(report, "map_by_cluster.svg"), AllOf(HasSubstr(">3<"), Not(HasSubstr("  ("))));
  EXPECT_THAT(file_of(report, "information.svg"), AllOf(HasSubstr("cluster 1"), Not(HasSubstr("cluster 3"))));
  EXPECT_THAT(report.html, HasSubstr("No latent is used by some clusters"));
}

/// Leaves examples at the left edge to no cluster.
struct ModelWithNoise : LinearModel {
  Tensor responsibilities(const Tensor& x, size_t facet) override {
    return LinearModel::responsibilities(x, facet) * x.narrow(1, 0, 1).gt(0.25);
  }
};

TEST(RunReport, ColoursClustersAgainstLabelsByAllExamplesOfALabel) {
  data::Dataset dataset = square_images(300);
  data::View view = unit_view(dataset);
  model::Method method;
  ModelWithNoise model;
  const Report report = run_report({.model = model, .method = method, .dataset = dataset, .view = view});
  // Labels are the clusters without noise, which takes half of labels 0 and 2.
  EXPECT_EQ(count_of(file_of(report, "confusion.svg"), "fill-opacity=\"1.000\""), 2);
}

TEST(RunReport, NamesEveryFigureOnceAndWritesThemAll) {
  FinishedRun run;
  run.events = course_of_training();
  Report report = run.report();
  std::set<std::string> names;
  for (const Figure& figure : report.figures) {
    EXPECT_TRUE(names.insert(figure.name).second) << figure.name;
    EXPECT_THAT(figure.name, testing::MatchesRegex("[a-z0-9_]+\\.(svg|png)"));
  }
  EXPECT_GE(names.size(), 15);
  tests::TemporaryFolder folder;
  write_report(report, folder.path());
  EXPECT_EQ(std::filesystem::file_size(folder.path() / "report.html"), report.html.size());
  for (const std::string& name : names)
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "figures" / name)) << name;
}

}  // namespace
}  // namespace cleave::report
