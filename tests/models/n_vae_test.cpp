// What the paper of N-VAE says must hold, on drawn data whose factors are known.
#include <gtest/gtest.h>

#include "cleave/data/drawn.h"
#include "cleave/metrics/nearest_neighbours.h"
#include "cleave/model/method.h"
#include "cleave/models/registry.h"
#include "cleave/training/train.h"
#include "tests/support/recorder.h"
#include "tests/support/temporary_folder.h"

namespace cleave::models {
namespace {

using namespace cleave::model;
using tests::MemoryRecorder;
using tests::TemporaryFolder;

/// Three classes around centres of their own: a shift that all share, and a height that only class 2 varies.
data::Dataset classes_with_factors() {
  constexpr int64_t kSize = 1200;
  at::Generator generator = Randomness(3).stream("factors");
  Tensor y = at::arange(kSize) % 3, shift = at::randn({kSize}, generator);
  Tensor height = at::randn({kSize}, generator) * (y == 2);
  Tensor centres = 2 * at::randn({3, 6}, Randomness(4).stream("centres"));
  Tensor x = centres.index_select(0, y) + 0.05 * at::randn({kSize, 6}, generator);
  x.select(1, 0) += shift * 2;
  x.select(1, 1) -= shift * 2;
  x.select(1, 2) += height * 2;
  data::Dataset dataset;
  dataset.name = "factors";
  dataset.labels = y;
  dataset.label_names = {"a", "b", "c"};
  dataset.examples.dense = x;
  dataset.shape = {6};
  return dataset;
}

class OnFactors : public ::testing::Test {
 protected:
  OnFactors() : view_(dataset_, data::Pipeline::fit({"standardise"}, dataset_, Randomness(1))) {}

  std::shared_ptr<Model> fitted(Settings settings, const data::GivenLabels& labels) {
    view_.give(labels);
    const Method& method = find_method("n-vae");
    Settings all = {{"hidden", {64}}, {"shared_dim", 1},       {"class_dim", 1},
                    {"epochs", 150},  {"learning_rate", 5e-3}, {"variance", 0.02}};
    all.update(settings);
    auto model = method.make(method.resolve(all, view_.describe()), view_.describe(), Randomness(1));
    TemporaryFolder folder;
    MemoryRecorder recorder;
    training::TrainConfig config{.batch_size = 100, .precision = "float32"};
    training::train(*model, view_, config, Randomness(1), recorder, folder.path());
    model->eval();
    return model;
  }

  Tensor all() const { return view_.all(); }

  data::Dataset dataset_ = classes_with_factors();
  data::View view_;
};

TEST_F(OnFactors, TheSharedLatentsDoNotTellTheClassAndTheClassifierDoes) {
  auto model = fitted({{"beta_class", 2}}, data::own_labels(dataset_, 0, 0));
  at::NoGradGuard no_grad;
  Latents h = model->infer(all());
  EXPECT_GT((h.y[1] == dataset_.labels).to(at::kDouble).mean().item<double>(), 0.99);
  double error = metrics::knn_errors_leaving_one_out(h.z[0], dataset_.labels, {10}).at(10);
  EXPECT_GT(error, 0.4) << "neighbours in z_s tell the class";
}

TEST_F(OnFactors, OnlyTheClassThatVariesTheHeightSpendsNatsOnIt) {
  auto model = fitted({{"beta_class", 2}}, data::own_labels(dataset_, 0, 0));
  at::NoGradGuard no_grad;
  Tensor of_class = model->information(all()).select(1, 1);  // z_c
  auto mean = [&](int64_t k) { return of_class.masked_select(dataset_.labels == k).mean().item<double>(); };
  EXPECT_GT(mean(2), 0.5);
  EXPECT_LT(mean(0), 0.3 * mean(2));
  EXPECT_LT(mean(1), 0.3 * mean(2));
}

TEST_F(OnFactors, TurningTheAxesOrdersThemByWhatTheyMoveAndLeavesWhatIsDecoded) {
  auto model = fitted({{"shared_dim", 3}, {"epochs", 5}, {"settle_epochs", 0}}, data::own_labels(dataset_, 0, 0));
  at::NoGradGuard no_grad;
  MemoryRecorder observer;
  const Tensor x = all(), before = model->decode(model->infer(x));
  model->iterate({.name = "align", .closed_form = true}, {}, {view_, Randomness(1), observer});
  EXPECT_TRUE(at::allclose(model->decode(model->infer(x)), before, 1e-4, 1e-4));
  Tensor z = model->infer(x).z[0].to(at::kDouble), residual = x.to(at::kDouble).clone();
  for (int64_t k = 0; k < 3; ++k) {
    Tensor rows = dataset_.labels.eq(k).nonzero().flatten();
    residual.index_copy_(0, rows, residual.index_select(0, rows) - residual.index_select(0, rows).mean(0));
  }
  z = z - z.mean(0);
  Tensor map = std::get<0>(at::linalg_lstsq(z, residual)), gram = map.mm(map.t());
  Tensor amounts = gram.diagonal(), across = gram - at::diag(amounts);
  EXPECT_LT(across.abs().max().item<double>(), 1e-3 * amounts.max().item<double>());
  EXPECT_TRUE(at::equal(amounts.argsort(0, /*descending=*/true), at::arange(3)));
}

TEST_F(OnFactors, ExamplesWithoutALabelAreClassifiedLikeTheOthers) {
  data::GivenLabels most = data::own_labels(dataset_, 0, 0);
  Tensor without = at::arange(0, dataset_.size(), 5);
  most.classes.index_fill_(0, without, -1);
  auto model = fitted(Settings::object(), most);
  at::NoGradGuard no_grad;
  Tensor right = (model->infer(all()).y[1] == dataset_.labels).index_select(0, without);
  EXPECT_GT(right.to(at::kDouble).mean().item<double>(), 0.97);
}

TEST_F(OnFactors, AnUnlabelledExampleIsBoundByTheSumOverClasses) {
  auto model = fitted({{"epochs", 1}}, data::own_labels(dataset_, 0, 0));
  at::NoGradGuard no_grad;
  Tensor x = all().slice(0, 0, 9), none = at::full({9}, -1, at::kLong);
  const Stage stage = model->stages()[0];
  auto terms = [&](const Tensor& y) { return model->objective({x, at::arange(9), y}, stage, {}, Randomness(5)).terms; };
  Tensor q = model->responsibilities(x, 0), expected = at::zeros({9}), entropy = -(q * q.log()).sum(1);
  for (int64_t k = 0; k < 3; ++k)
    expected += q.select(1, k) * terms(at::full({9}, k, at::kLong))[0].nats;
  EXPECT_TRUE(at::allclose(terms(none)[0].nats, expected, 1e-4, 1e-4));
  EXPECT_TRUE(at::allclose(terms(none)[3].nats, std::log(3.0) - entropy, 1e-4, 1e-4));
  EXPECT_TRUE(at::allclose(terms(none)[1].nats, terms(dataset_.labels.slice(0, 0, 9))[1].nats));
}

}  // namespace
}  // namespace cleave::models
