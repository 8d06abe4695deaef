// Methods fitted to three well separated groups.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "cleave/metrics/accuracy.h"
#include "cleave/model/method.h"
#include "cleave/models/registry.h"
#include "cleave/training/train.h"
#include "tests/support/blobs.h"
#include "tests/support/recorder.h"
#include "tests/support/temporary_folder.h"

namespace cleave::tests {

class OnBlobs : public ::testing::Test {
 protected:
  /// The method's tiny configuration with `settings` over it, fitted to the groups and ready to be asked.
  std::shared_ptr<model::Model> fitted(const std::string& name, const Settings& settings, int64_t seed = 0) {
    return fitted(name, settings, view_, seed);
  }

  /// The same, fitted to other data.
  std::shared_ptr<model::Model> fitted(const std::string& name, const Settings& settings, const data::View& view,
                                       int64_t seed = 0) {
    const model::Method& method = models::find_method(name);
    Settings all = method.tiny;
    all.update(settings);
    auto model = method.make(method.resolve(all, view.describe()), view.describe(), Randomness(seed));
    TemporaryFolder folder;
    training::TrainConfig config{.batch_size = 64, .precision = "float32"};
    training::train(*model, view, config, Randomness(seed), recorder_, folder.path());
    model->eval();
    return model;
  }

  /// Hungarian accuracy of clusters [N].
  double accuracy(const Tensor& clusters) const {
    return metrics::accuracy_hungarian(metrics::cross_tabulate(clusters, dataset_.labels));
  }
  double accuracy(model::Model& model) const {
    at::NoGradGuard no_grad;
    return accuracy(model.infer(view_.all()).y[0]);
  }

  data::Dataset dataset_ = blobs();
  data::View view_{dataset_, data::Pipeline::fit({"standardise"}, dataset_, Randomness(1))};
  MemoryRecorder recorder_;
};

}  // namespace cleave::tests
