// The losses of the auxiliary tasks at values worked out by hand, and labels that spread.
#include <cmath>

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/data/drawn.h"
#include "cleave/model/method.h"
#include "cleave/models/registry.h"
#include "cleave/training/train.h"
#include "tests/support/recorder.h"
#include "tests/support/reference.h"
#include "tests/support/temporary_folder.h"

namespace cleave::models {
namespace {

using namespace cleave::model;
using tests::MemoryRecorder;
using tests::near;
using tests::TemporaryFolder;

constexpr int64_t kClasses = 3;

std::shared_ptr<Model> an_aux_cluster(Settings settings, const data::Description& data) {
  const Method& method = find_method("aux-cluster");
  return method.make(method.resolve(settings, data), data, Randomness(1));
}

/// L_A of one labelled example of class 0 whose posterior is (.7, .2, .1).
double assignment_loss(const char* competitors) {
  auto model = an_aux_cluster({{"competitors", competitors}, {"hidden", {4}}, {"feature_dim", 2}},
                              {.shape = {5}, .width = 5, .size = 10, .classes = kClasses});
  at::NoGradGuard no_grad;
  for (auto& parameter : model->named_parameters()) {
    if (parameter.key() == "classifier.weight") parameter.value().zero_();
    if (parameter.key() == "classifier.bias") parameter.value().copy_(at::tensor({0.7, 0.2, 0.1}).log());
  }
  Batch batch = {at::ones({1, 5}), at::zeros({1}, at::kLong), at::zeros({1}, at::kLong)};
  Objective objective = model->objective(batch, model->stages()[1], {}, Randomness(1));
  EXPECT_EQ(objective.terms[2].name, "assignment");
  EXPECT_NEAR(objective.terms[1].nats.item<double>(),
              (0.7 * std::log(2.1) + 0.2 * std::log(0.6) + 0.1 * std::log(0.3)) / std::log(3.0), 1e-5);
  return objective.terms[2].nats.item<double>();
}

TEST(AuxCluster, TheAssignmentLossInItsReadings) {
  EXPECT_NEAR(assignment_loss("mean"), 0.195322, 1e-5);
  EXPECT_NEAR(assignment_loss("strongest"), 0.209602, 1e-5);
  EXPECT_NEAR(assignment_loss("sum"), -0.280497, 1e-5);
  EXPECT_NEAR(assignment_loss("log"), -std::log(0.7) / std::log(3.0), 1e-5);
}

/// L_F, alpha 0.6, of examples whose features are x [B, 2] and whose labels are y [B]: [B].
Tensor feature_loss(const Tensor& x, const Tensor& y) {
  auto model = an_aux_cluster({{"assignment", "nearest"}, {"alpha", 0.6}, {"hidden", {2}}, {"feature_dim", 2}},
                              {.shape = {2}, .width = 2, .size = 10, .classes = 2});
  at::NoGradGuard no_grad;
  for (auto& parameter : model->named_parameters()) {
    const bool on_the_way = parameter.key().starts_with("encoder") || parameter.key().starts_with("features");
    if (on_the_way) parameter.value().copy_(parameter.value().dim() == 2 ? at::eye(2) : at::zeros({2}));
  }
  Objective objective = model->objective({x, at::arange(y.size(0)), y}, model->stages()[1], {}, Randomness(1));
  EXPECT_EQ(objective.terms[3].name, "feature");
  return objective.terms[3].nats;
}

// Two directions are sqrt 2 apart, which counts as 1; lengths do not count.
TEST(AuxCluster, TheFeatureLossIsTheMeanDistanceToTheLabelledOfTheSameCategory) {
  // Both with a label have the other to go to, at 1; the one without has one at 0 and one at 1. Two of three have a
  // label: their weight is 0.6 * 3 / 2, that of the other 0.4 * 3.
  Tensor x = at::tensor({0.5F, 0.F, 0.F, 1.F, 1.F, 0.F}).view({3, 2});
  EXPECT_TRUE(near(feature_loss(x, at::tensor({0, 0, -1}, at::kLong)), at::tensor({0.9, 0.9, 0.6}), 1e-5));
  // A fourth is the only one of its category: it has nobody to go to, and the others do not go to it. Now three of four
  // have a label: the weights are 0.6 * 4 / 3 and 0.4 * 4.
  x = at::cat({x, at::ones({1, 2})});
  EXPECT_TRUE(near(feature_loss(x, at::tensor({0, 0, -1, 1}, at::kLong)), at::tensor({0.8, 0.8, 0.8, 0.0}), 1e-5));
}

class OnCircles : public ::testing::Test {
 protected:
  /// Share of the points that are right after a fit with these labels.
  double accuracy(const data::GivenLabels& labels, MemoryRecorder& recorder) {
    auto model = fitted(labels, recorder, Settings::object());
    at::NoGradGuard no_grad;
    return right(model->infer(view_.all()).y[0]);
  }
  double right(const Tensor& found) const { return (found == dataset_.labels).to(at::kDouble).mean().item<double>(); }

  std::shared_ptr<Model> fitted(const data::GivenLabels& labels, MemoryRecorder& recorder, const Settings& settings) {
    view_.give(labels);
    Settings all = {{"hidden", {64, 64}},   {"feature_dim", 8}, {"epochs", 150},        {"pretrain_epochs", 20},
                    {"labelled_batch", 10}, {"neighbours", 7},  {"learning_rate", 5e-3}};
    all.update(settings);
    auto model = an_aux_cluster(all, view_.describe());
    TemporaryFolder folder;
    training::TrainConfig config{.batch_size = 600, .precision = "float32"};
    training::train(*model, view_, config, Randomness(1), recorder, folder.path());
    model->eval();
    return model;
  }

  data::Dataset dataset_ = data::draw("circles", 600, 2);
  data::View view_{dataset_, data::Pipeline::fit({"standardise"}, dataset_, Randomness(1))};
};

TEST_F(OnCircles, AFewLabelsSpread) {
  MemoryRecorder recorder;
  EXPECT_GT(accuracy(data::own_labels(dataset_, 5, 1), recorder), 0.999);
}

TEST_F(OnCircles, LabelsCanSpreadOverTheDataBeforeThereAreFeatures) {
  auto first_spread = [&](const char* graph) {  // one feature, as drawn at random, lays the rings over each other
    MemoryRecorder recorder;
    auto model = fitted(data::own_labels(dataset_, 5, 1), recorder,
                        {{"first_graph", graph},
                         {"doubt", 0},
                         {"feature_dim", 1},
                         {"pretrain_epochs", 0},
                         {"rounds", 1},
                         {"epochs", 0}});
    return right(model->named_buffers()["categories"]);
  };
  EXPECT_EQ(first_spread("data"), 1);
  EXPECT_GT(first_spread("map"), 0.9);
  EXPECT_LT(first_spread("features"), 0.9);
}

TEST_F(OnCircles, CategoriesFollowTheClassifierExceptWhereThereIsALabel) {
  MemoryRecorder recorder;
  data::GivenLabels labels = data::own_labels(dataset_, 5, 1);
  auto model = fitted(labels, recorder, {{"corrected_after", 2}, {"unsure", 0.1}, {"rounds", 1}, {"epochs", 60}});
  const Tensor c = model->named_buffers()["categories"], given = labels.classes.ge(0), asked = c.ge(0);
  at::NoGradGuard no_grad;
  const Tensor found = model->infer(view_.all()).y[0];
  EXPECT_TRUE(at::equal(c.masked_select(given), labels.classes.masked_select(given)));
  const Tensor corrected = asked.logical_and(given.logical_not());
  EXPECT_TRUE(at::equal(c.masked_select(corrected), found.masked_select(corrected)));
  EXPECT_GE(asked.sum().item<int64_t>(), 540);
  EXPECT_LE(asked.sum().item<int64_t>(), 550) << "a tenth is asked nothing, the ten with labels aside";

  Batch batch = {view_.rows(at::arange(600)), at::arange(600), labels.classes};
  Objective objective = model->objective(batch, model->stages().back(), {}, Randomness(1));
  for (size_t term : {2, 3}) {
    EXPECT_EQ(objective.terms[term].nats.masked_select(asked.logical_not()).abs().max().item<float>(), 0);
    EXPECT_GT(objective.terms[term].nats.masked_select(asked).abs().min().item<float>(), 0);
  }
}

TEST(AuxCluster, CorrectsOnlyWhatSpreadOverAllData) {
  const data::Description data = {.shape = {5}, .width = 5, .size = 10, .classes = 2};
  EXPECT_THROW(an_aux_cluster({{"assignment", "nearest"}, {"corrected_after", 1}}, data), ArgumentError);
}

TEST_F(OnCircles, ACategoryWithoutALabelIsNamedAndGivenToNone) {
  data::GivenLabels labels = data::own_labels(dataset_, 5, 1);
  labels.names.push_back("a third");
  MemoryRecorder recorder;
  accuracy(labels, recorder);
  ASSERT_EQ(recorder.notes.size(), 1u);
  EXPECT_NE(recorder.notes[0].find("category 2"), std::string::npos) << recorder.notes[0];
}

TEST(AuxCluster, RefusesASingleCategory) {
  const data::Description data = {.shape = {5}, .width = 5, .size = 10, .classes = 1};
  EXPECT_THROW(an_aux_cluster({{"clusters", 1}}, data), ArgumentError);
}

TEST(View, DrawnLabelsTakeTurnsAmongTheClasses) {
  data::Dataset dataset;
  dataset.examples.dense = at::zeros({10, 2});
  dataset.shape = {2};
  data::View view(dataset, data::Pipeline::fit({"none"}, dataset, Randomness(1)));
  data::GivenLabels labels;
  labels.classes = at::tensor({0, -1, 2, -1, 0, -1, -1, 2, 0, -1});
  labels.names = {"a", "none of it", "c"};
  view.give(labels);
  Tensor rows = view.draw_labelled(6, Randomness(1).stream("draw"));
  Tensor drawn = view.labels(rows);
  EXPECT_EQ(drawn.eq(0).sum().item<int64_t>(), 3);
  EXPECT_EQ(drawn.eq(2).sum().item<int64_t>(), 3);
  EXPECT_EQ(std::get<0>(at::_unique2(rows.masked_select(drawn.eq(0)))).size(0), 3) << "each comes once";
}

}  // namespace
}  // namespace cleave::models
