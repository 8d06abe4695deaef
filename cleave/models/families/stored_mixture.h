// A mixture of Gaussians among the buffers of a method, saved and loaded with it.
#pragma once

#include <cmath>
#include <string>

#include <torch/nn/module.h>

#include "cleave/classical/gaussian_mixture.h"

namespace cleave::models {

class StoredMixture : public classical::GaussianMixture {
 public:
  /// Registers the buffers PREFIXlog_weights [K], PREFIXmeans [K, D] and PREFIXcovariances, [K, D, D] or of a diagonal
  /// mixture [K, D], all float64: K standard Gaussians until there is something to store.
  StoredMixture(torch::nn::Module& owner, int64_t clusters, int64_t dimensions,
                classical::Covariance covariance = classical::Covariance::kFull, const std::string& prefix = "") {
    const double even = -std::log(static_cast<double>(clusters));
    const Tensor ones = at::ones({clusters, dimensions}, at::kDouble);
    log_weights = owner.register_buffer(prefix + "log_weights", at::full({clusters}, even, at::kDouble));
    means = owner.register_buffer(prefix + "means", at::zeros_like(ones));
    covariances = owner.register_buffer(prefix + "covariances",
                                        covariance == classical::Covariance::kFull ? ones.diag_embed() : ones);
  }

  void store(const classical::GaussianMixture& mixture) {
    log_weights.copy_(mixture.log_weights);
    means.copy_(mixture.means);
    covariances.copy_(mixture.covariances);
  }
};

}  // namespace cleave::models
