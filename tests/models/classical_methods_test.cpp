// k-means, Gaussian mixture and PCA as methods: the same results as the functions they stand on, and exact resume.
#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/classical/gaussian_mixture.h"
#include "cleave/classical/kmeans.h"
#include "cleave/classical/pca.h"
#include "cleave/models/registry.h"
#include "tests/support/reference.h"

namespace cleave::models {
namespace {

using tests::near;

struct Silent : model::Observer {
  void note(const std::string& text) override { notes.push_back(text); }
  bool should_stop() override { return stop; }
  std::vector<std::string> notes;
  bool stop = false;
};

data::Dataset blobs(int64_t n = 200) {
  data::Dataset dataset;
  Tensor which = (at::arange(n) % 3).unsqueeze(1);
  dataset.examples.dense = at::randn({n, 6}, Randomness(1).stream("blobs")) + 3 * which;
  dataset.shape = {6};
  return dataset;
}

/// A method being fitted, one iteration at a time.
struct Fit {
  Fit(const std::string& name, const data::Dataset& dataset, Settings settings = {})
      : method(find_method(name)), view(dataset, {}), random(7) {
    if (settings.is_null()) settings = method.tiny;
    resolved = method.resolve(settings, view.describe());
    model = fresh();
  }
  std::shared_ptr<model::Model> fresh() const { return method.make(resolved, view.describe(), random); }
  model::Iteration iterate() {
    model::Stage stage = model->stages().at(0);
    return model->iterate(stage, {.epoch = done++, .epochs = stage.epochs}, {view, random, observer});
  }
  /// Replaces the model by a new one that knows only the saved tensors.
  void restart_from_buffers() {
    auto copy = fresh();
    auto saved = model->named_buffers(), target = copy->named_buffers();
    for (const auto& item : saved)
      target[item.key()].copy_(item.value());
    model = copy;
  }
  const model::Method& method;
  data::View view;
  Randomness random;
  Silent observer;
  Settings resolved;
  std::shared_ptr<model::Model> model;
  int64_t done = 0;
};

struct ClassicalMethod : testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(, ClassicalMethod, testing::Values("kmeans", "gmm", "pca"),
                         [](const auto& test) { return test.param; });

TEST_P(ClassicalMethod, StoppedAfterAnyIterationEndsInTheSameBits) {
  data::Dataset dataset = blobs();
  Fit straight(GetParam(), dataset), broken(GetParam(), dataset);
  while (!straight.iterate().finished) {
  }
  do {
    broken.restart_from_buffers();
  } while (!broken.iterate().finished);
  EXPECT_EQ(straight.done, broken.done);
  auto a = straight.model->named_buffers(), b = broken.model->named_buffers();
  for (const auto& item : a)
    EXPECT_TRUE(item.value().equal(b[item.key()])) << item.key();
}

TEST(KMeansMethod, AnswersAsItWasFittedBesideAnOutlier) {
  data::Dataset dataset = blobs(301);
  Tensor& x = dataset.examples.dense;
  x.mul_(0.5);
  x[300].fill_(1e5);
  Fit fit("kmeans", dataset, {{"clusters", 4}, {"restarts", 10}});
  while (!fit.iterate().finished) {
  }
  const Tensor labels = fit.model->infer(x).y.at(0), centres = fit.model->named_buffers()["centres"];
  const Tensor squares = (x.to(at::kDouble).unsqueeze(1) - centres.to(at::kDouble)).square().sum(2);
  EXPECT_TRUE(labels.equal(squares.argmin(1)));
  EXPECT_TRUE(fit.model->infer(x).z.at(0).to(at::kDouble).allclose(squares.sqrt(), 1e-6, 1e-6));
}

struct ClassicalClusterer : ClassicalMethod {};
INSTANTIATE_TEST_SUITE_P(, ClassicalClusterer, testing::Values("kmeans", "gmm"),
                         [](const auto& test) { return test.param; });

TEST_P(ClassicalClusterer, SplitsBlobsAndDecodesTheirMeans) {
  data::Dataset dataset = blobs();
  Fit fit(GetParam(), dataset);
  while (!fit.iterate().finished) {
  }
  Tensor x = fit.view.all(), y = fit.model->infer(x).y[0];
  Tensor r = fit.model->responsibilities(x);
  EXPECT_TRUE(near(r.sum(1), at::ones({200}), 1e-6));
  EXPECT_TRUE(r.argmax(1).equal(y));
  for (int64_t k = 0; k < 3; ++k) {
    Tensor members = y.masked_select(at::arange(200) % 3 == k);
    EXPECT_GT((members == std::get<0>(members.mode())).to(at::kDouble).mean().item<double>(), 0.97);
  }
  Tensor decoded = fit.model->decode({{}, {y}});
  EXPECT_LT((decoded - x).square().mean().item<double>(), 1.1);
  EXPECT_TRUE(near(fit.model->decode({{}, {at::one_hot(y, 3).to(at::kFloat)}}), decoded, 1e-6));
}

TEST(KMeansMethod, GivesWhatTheFunctionGives) {
  data::Dataset dataset = blobs();
  Fit fit("kmeans", dataset, {{"clusters", 4}, {"restarts", 3}});
  model::Iteration last;
  while (!(last = fit.iterate()).finished) {
  }
  Tensor x = fit.view.all();
  auto expected = classical::kmeans(x, {.clusters = 4, .restarts = 3}, fit.random);
  EXPECT_TRUE(fit.model->named_buffers()["centres"].equal(expected.centres));
  EXPECT_TRUE(fit.model->infer(x).y[0].equal(expected.assignment.labels));
  EXPECT_TRUE(near(fit.model->embed(x).square().amin(1), expected.assignment.distances, 1e-4));
}

TEST(GmmMethod, BoundIsTheLogLikelihoodItself) {
  data::Dataset dataset = blobs();
  for (const char* covariance : {"diag", "full"}) {
    Fit fit("gmm", dataset, {{"clusters", 3}, {"covariance", covariance}});
    while (!fit.iterate().finished) {
    }
    Tensor x = fit.view.all();
    auto buffers = fit.model->named_buffers();
    classical::GaussianMixture mixture{buffers["log_weights"], buffers["means"], buffers["covariances"]};
    EXPECT_TRUE(near(fit.model->evidence_bound(x, fit.random.stream("bound")), mixture.log_likelihood(x), 1e-4));
  }
}

TEST(GmmMethod, PriorDrawsFollowTheWeights) {
  data::Dataset dataset = blobs();
  Fit fit("gmm", dataset);
  while (!fit.iterate().finished) {
  }
  Tensor y = fit.model->sample_prior(3000, std::nullopt, 0, fit.random.stream("prior")).y[0];
  Tensor share = y.bincount({}, 3).to(at::kDouble) / 3000;
  EXPECT_TRUE(near(share, fit.model->named_buffers()["log_weights"].exp(), 4 * 0.5 / std::sqrt(3000.0)));
  EXPECT_TRUE((fit.model->sample_prior(5, 2, 0, fit.random.stream("prior")).y[0] == 2).all().item<bool>());
}

TEST(GmmMethod, InterruptLeavesTheBuffersAsTheyWere) {
  data::Dataset dataset = blobs();
  Fit fit("gmm", dataset);
  fit.observer.stop = true;
  EXPECT_THROW(fit.iterate(), Interrupted);
  auto before = fit.fresh()->named_buffers();
  for (const auto& item : fit.model->named_buffers())
    EXPECT_TRUE(item.value().equal(before[item.key()])) << item.key();
}

TEST(GmmMethod, SaysWhenComponentsAreOfNoUse) {
  data::Dataset dataset = blobs();
  dataset.examples.dense = dataset.examples.dense.slice(0, 0, 2).repeat({50, 1});
  Fit fit("gmm", dataset, {{"clusters", 4}, {"restarts", 3}});
  while (!fit.iterate().finished) {
  }
  ASSERT_EQ(fit.observer.notes.size(), 1u) << "once, of what is kept";
}

TEST(PcaMethod, CodesAndTheirInverseAreThoseOfTheFunction) {
  data::Dataset dataset = blobs();
  Fit fit("pca", dataset);
  model::Iteration only = fit.iterate();
  EXPECT_TRUE(only.finished);
  Tensor x = fit.view.all();
  classical::Pca pca = classical::fit_pca(x, 2);
  EXPECT_TRUE(fit.model->embed(x).equal(pca.transform(x)));
  EXPECT_TRUE(fit.model->decode(fit.model->infer(x)).equal(pca.inverse(pca.transform(x))));
  EXPECT_NEAR(only.values[0].second, pca.explained_variance.sum().item<double>() / pca.total_variance, 1e-6);
  auto buffers = fit.model->named_buffers();
  EXPECT_TRUE(near(buffers["spectrum"], classical::fit_pca(x, 6).explained_variance,
                   1e-5));  // all there are, for the scree plot
  EXPECT_TRUE(buffers["explained_variance"].equal(buffers["spectrum"].slice(0, 0, 2)));
  Fit whole("pca", dataset, {{"latent_dim", 6}});
  whole.iterate();
  EXPECT_TRUE(near(whole.model->decode(whole.model->infer(x)), x, 1e-4));  // nothing is lost with all components
  EXPECT_THROW(Fit("pca", dataset, {{"latent_dim", 7}}), ArgumentError);
}

}  // namespace
}  // namespace cleave::models
