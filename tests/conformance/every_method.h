// What every method must do. The registry's methods are instantiated in every_method_test.cpp: a new one is covered by
// its registry line.
#pragma once

#include <set>

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/model/method.h"
#include "cleave/probability/distributions.h"
#include "cleave/training/checkpoint.h"
#include "cleave/training/train.h"
#include "tests/support/blobs.h"
#include "tests/support/recorder.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/threads.h"

namespace cleave::tests {

using model::Latents;
using model::Method;
using model::Model;

class EveryMethod : public ::testing::TestWithParam<Method> {
 protected:
  EveryMethod()
      : dataset_(blobs()),
        view_(dataset_, data::Pipeline::fit({"standardise"}, dataset_, random_)),
        x_(view_.rows(at::arange(50, at::kLong))) {
    if (GetParam().learns_from_labels) view_.give(data::own_labels(dataset_, 0, 0));
  }

  std::shared_ptr<Model> make(uint64_t seed = 7) const {
    Settings settings = GetParam().resolve(GetParam().tiny, view_.describe());
    return GetParam().make(settings, view_.describe(), Randomness(seed));
  }

  training::Outcome fit(Model& model, const std::filesystem::path& folder, MemoryRecorder& recorder) const {
    return training::train(model, view_, config_, Randomness(7), recorder, folder);
  }

  std::shared_ptr<Model> fitted() const {
    TemporaryFolder folder;
    MemoryRecorder recorder;
    std::shared_ptr<Model> model = make();
    EXPECT_TRUE(fit(*model, folder.path(), recorder).finished);
    model->eval();
    return model;
  }

  Randomness random_{3};
  data::Dataset dataset_;
  data::View view_;
  Tensor x_;
  training::TrainConfig config_{.batch_size = 64, .precision = "float32"};
};

inline void expect_same_tensors(const Model& a, const Model& b) {
  auto tensors_a = training::model_tensors(a), tensors_b = training::model_tensors(b);
  ASSERT_EQ(tensors_a.size(), tensors_b.size());
  for (const auto& [name, tensor] : tensors_a) {
    EXPECT_TRUE(at::equal(tensor, tensors_b.at(name))) << "tensor " << name << " differs";
  }
}

TEST_P(EveryMethod, DescribesItself) {
  const Method& method = GetParam();
  EXPECT_FALSE(method.title.empty());
  EXPECT_FALSE(method.summary.empty());
  EXPECT_NE(method.source.find_first_of("0123456789"), std::string::npos) << "the source needs a year";
  EXPECT_FALSE(method.fields.empty());
  for (const Field& field : method.fields) {
    EXPECT_TRUE(field.meaning.ends_with(".")) << field.name << ": the meaning is a sentence";
    EXPECT_NO_THROW(check_value(field, field.preset)) << field.name << ": the default is out of its own range";
  }
}

TEST_P(EveryMethod, RefusesAnUnknownSetting) {
  EXPECT_THROW(GetParam().resolve({{"no_such_setting", 1}}, view_.describe()), ArgumentError);
}

TEST_P(EveryMethod, ResolvedSettingsResolveToThemselves) {
  Settings once = GetParam().resolve(GetParam().tiny, view_.describe());
  EXPECT_EQ(once, GetParam().resolve(once, view_.describe()));
}

TEST_P(EveryMethod, SameSeedGivesTheSameParametersAndAnotherSeedDoesNotChangeTheirNames) {
  expect_same_tensors(*fitted(), *fitted());
  auto names = [](const Model& model) {
    std::vector<std::string> result;
    for (const auto& [name, tensor] : training::model_tensors(model))
      result.push_back(name);
    return result;
  };
  EXPECT_EQ(names(*make(7)), names(*make(8)));
}

TEST_P(EveryMethod, FittedInClosedFormItIsTheSameForAnyNumberOfThreads) {
  std::vector<model::Stage> stages = make()->stages();
  bool closed = std::all_of(stages.begin(), stages.end(), [](const model::Stage& stage) { return stage.closed_form; });
  if (!closed) GTEST_SKIP() << "is trained by gradients, whose products round differently on another number of threads";
  auto [one, three] = on_one_and_three_threads([&] { return fitted(); });
  expect_same_tensors(*one, *three);
}

TEST_P(EveryMethod, StoppedAndResumedEqualsStraight) {
  std::shared_ptr<Model> straight = fitted();
  MemoryRecorder whole;
  TemporaryFolder straight_folder;
  fit(*make(), straight_folder.path(), whole);
  int64_t steps = static_cast<int64_t>(whole.losses.size() + whole.iterations.size());
  std::set<int64_t> stops = {1, steps / 3, steps / 2 + 1, steps - 1};
  stops.insert(whole.stage_begins.begin(), whole.stage_begins.end());
  for (int64_t stop : stops) {
    if (stop < 1) continue;
    TemporaryFolder folder;
    MemoryRecorder first(stop), second;
    training::Outcome outcome = fit(*make(), folder.path(), first);
    std::shared_ptr<Model> resumed = make(/*seed=*/99);  // its own initial values must not matter
    EXPECT_TRUE(fit(*resumed, folder.path(), second).finished);
    EXPECT_LE(outcome.steps, steps);
    expect_same_tensors(*straight, *resumed);
  }
  std::shared_ptr<Model> again = make(/*seed=*/99);  // stopped after the last step, before anything was written
  EXPECT_TRUE(fit(*again, straight_folder.path(), whole).finished);
  expect_same_tensors(*straight, *again);
  EXPECT_FALSE(again->is_training());
}

TEST_P(EveryMethod, SavedAndLoadedAnswersTheSame) {
  std::shared_ptr<Model> model = fitted(), loaded = make(/*seed=*/99);
  training::load_model_tensors(*loaded, training::model_tensors(*model));
  loaded->eval();
  at::NoGradGuard no_grad;
  if (model->abilities().embeds) EXPECT_TRUE(at::equal(model->embed(x_), loaded->embed(x_)));
  if (model->abilities().clusters) EXPECT_TRUE(at::equal(model->responsibilities(x_), loaded->responsibilities(x_)));
}

TEST_P(EveryMethod, EveryParameterIsMovedBySomeStage) {
  std::shared_ptr<Model> start = make(), end = fitted();
  for (const auto& item : start->named_parameters()) {
    EXPECT_FALSE(at::equal(item.value(), end->named_parameters()[item.key()])) << item.key() << " never moved";
  }
}

TEST_P(EveryMethod, GradientStagesGiveFiniteTermsPerExample) {
  std::shared_ptr<Model> model = make();
  for (const model::Stage& stage : model->stages()) {
    if (stage.closed_form) continue;
    model::Objective objective = model->objective({x_, at::arange(50), view_.labels(at::arange(50))}, stage,
                                                  {.epochs = 2, .batches = 4}, random_);
    ASSERT_FALSE(objective.terms.empty());
    for (const model::Term& term : objective.terms) {
      EXPECT_EQ(term.nats.sizes(), at::IntArrayRef({50})) << term.name;
      EXPECT_TRUE(term.nats.isfinite().all().item<bool>()) << term.name;
    }
  }
}

TEST_P(EveryMethod, WhatItCanItDoesAndWhatItCannotItSays) {
  std::shared_ptr<Model> model = fitted();
  const model::Abilities& can = model->abilities();
  at::NoGradGuard no_grad;
  at::Generator generator = random_.stream("test");
  if (can.embeds) {
    EXPECT_EQ(model->embed(x_).size(0), 50);
    EXPECT_TRUE(model->embed(x_).isfinite().all().item<bool>());
  } else {
    EXPECT_THROW(model->infer(x_), ArgumentError);
  }
  EXPECT_EQ(can.clusters, !model->facets().empty());
  if (!can.clusters) EXPECT_THROW(model->responsibilities(x_, 0), ArgumentError);
  if (can.decodes) {
    EXPECT_EQ(model->decode(model->infer(x_)).sizes(), x_.sizes());
  } else {
    EXPECT_THROW(model->decode({}), ArgumentError);
  }
  if (can.generates) {
    EXPECT_EQ(model->decode(model->sample_prior(5, std::nullopt, 0, generator)).sizes(), at::IntArrayRef({5, 6}));
  } else {
    EXPECT_THROW(model->sample_prior(5, std::nullopt, 0, generator), ArgumentError);
  }
  if (!can.has_bound) EXPECT_THROW(model->evidence_bound(x_, generator), ArgumentError);
}

TEST_P(EveryMethod, ResponsibilitiesAreProbabilitiesThatAgreeWithInfer) {
  std::shared_ptr<Model> model = fitted();
  at::NoGradGuard no_grad;
  std::vector<model::Facet> facets = model->facets();
  for (size_t f = 0; f < facets.size(); ++f) {
    Tensor r = model->responsibilities(x_, f);
    EXPECT_EQ(r.sizes(), at::IntArrayRef({50, facets[f].clusters}));
    EXPECT_TRUE(at::allclose(r.sum(-1), at::ones({50}), 1e-5, 1e-5));
    EXPECT_GE(r.min().item<double>(), 0);
    EXPECT_TRUE(at::equal(r.argmax(-1), model->infer(x_).y[facets[f].layer]));
  }
}

TEST_P(EveryMethod, AskedForEverythingAtOnceItAnswersTheSame) {
  std::shared_ptr<Model> model = fitted();
  at::NoGradGuard no_grad;
  const Tensor x = at::cat({x_, 0.9 * x_});  // examples of the fit and others
  const model::Answer answer = model->answer(x);
  ASSERT_EQ(answer.responsibilities.size(), model->facets().size());
  for (size_t f = 0; f < answer.responsibilities.size(); ++f)
    EXPECT_TRUE(at::equal(answer.responsibilities[f], model->responsibilities(x, f)));
  if (model->abilities().embeds) {
    EXPECT_TRUE(at::equal(at::cat(answer.latents.z, 1), model->embed(x)));
  } else {
    EXPECT_TRUE(answer.latents.z.empty());
  }
}

TEST_P(EveryMethod, AnswersDoNotDependOnTheRestOfTheBatch) {
  std::shared_ptr<Model> model = fitted();
  if (!model->abilities().embeds) GTEST_SKIP() << "has no codes";
  at::NoGradGuard no_grad;
  EXPECT_TRUE(at::allclose(model->embed(x_).narrow(0, 10, 5), model->embed(x_.narrow(0, 10, 5)), 1e-4, 1e-5));
}

TEST_P(EveryMethod, InformationIsThereForEveryLatentOrForNone) {
  std::shared_ptr<Model> model = fitted();
  if (!model->abilities().embeds) GTEST_SKIP() << "has no codes";
  at::NoGradGuard no_grad;
  Tensor nats = model->information(x_);
  if (!nats.defined()) return;
  EXPECT_EQ(nats.sizes(), model->embed(x_).sizes());
  EXPECT_GE(nats.min().item<double>(), -1e-4) << "a divergence is not negative";
}

TEST_P(EveryMethod, TheBoundLiesBelowTheImportanceWeightedEvidence) {
  std::shared_ptr<Model> model = fitted();
  if (!model->abilities().has_bound) GTEST_SKIP() << "is no latent variable model";
  constexpr int64_t kSamples = 4000;
  at::NoGradGuard no_grad;
  Tensor x = x_.narrow(0, 3, 1).expand({kSamples, -1});
  Latents h = model->sample_posterior(x, random_.stream("posterior"));
  Tensor log_weights = (model->log_joint(x, h) - model->log_posterior(h, x)).unsqueeze(1);
  double evidence = probability::importance_weighted(log_weights).item<double>();
  Tensor bound = model->evidence_bound(x, random_.stream("bound"));
  double standard_error = bound.std().item<double>() / std::sqrt(kSamples);
  double rounding = 1e-5 * std::abs(evidence);  // an exact bound has no standard error
  EXPECT_LE(bound.mean().item<double>(), evidence + 4 * standard_error + rounding);
  EXPECT_GE(bound.mean().item<double>(), evidence - 20) << "a bound this loose is a sign error";
}

/// A method's name as GoogleTest allows it in the name of a test.
inline std::string test_name(const ::testing::TestParamInfo<Method>& method) {
  std::string name = method.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace cleave::tests
