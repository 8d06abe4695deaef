// The objective of a classifier at values worked out by hand, and that it learns.
#include <cmath>

#include <gtest/gtest.h>

#include "cleave/model/method.h"
#include "cleave/models/registry.h"
#include "cleave/training/train.h"
#include "tests/support/blobs.h"
#include "tests/support/recorder.h"
#include "tests/support/temporary_folder.h"

namespace cleave::models {
namespace {

using namespace cleave::model;

std::shared_ptr<Model> a_classifier(const data::Description& data) {
  const Method& method = find_method("classifier");
  return method.make(method.resolve(method.tiny, data), data, Randomness(1));
}

TEST(Classifier, PaysTheNatsOfTheLabelAndNothingWithoutOne) {
  auto model = a_classifier({.shape = {5}, .width = 5, .size = 10, .classes = 3});
  at::NoGradGuard no_grad;
  for (auto& parameter : model->named_parameters()) {
    if (parameter.key() == "classes.weight") parameter.value().zero_();
    if (parameter.key() == "classes.bias") parameter.value().copy_(at::tensor({0.7, 0.2, 0.1}).log());
  }
  Batch batch = {at::ones({3, 5}), at::arange(3), at::tensor({0, 2, -1}, at::kLong)};
  Tensor nats = model->objective(batch, model->stages()[0], {}, Randomness(1)).terms[0].nats;
  EXPECT_NEAR(nats[0].item<double>(), -std::log(0.7), 1e-6);
  EXPECT_NEAR(nats[1].item<double>(), -std::log(0.1), 1e-6);
  EXPECT_EQ(nats[2].item<double>(), 0);
}

TEST(Classifier, TellsRoundHeapsApart) {
  data::Dataset dataset = tests::blobs();
  data::View view(dataset, data::Pipeline::fit({"standardise"}, dataset, Randomness(1)));
  view.give(data::own_labels(dataset, /*per_class=*/20, /*seed=*/0));
  auto model = a_classifier(view.describe());
  tests::TemporaryFolder folder;
  tests::MemoryRecorder recorder;
  training::TrainConfig config{.batch_size = 64, .precision = "float32"};
  training::train(*model, view, config, Randomness(1), recorder, folder.path());
  model->eval();
  at::NoGradGuard no_grad;
  Tensor right = model->infer(view.all()).y[0].eq(dataset.labels);
  EXPECT_GT(right.to(at::kDouble).mean().item<double>(), 0.95);
}

}  // namespace
}  // namespace cleave::models
