// The space in which a method measures distances: the data, or their first principal components where they are wider.
#pragma once

#include "cleave/classical/pca.h"
#include "cleave/model/model.h"

namespace cleave::models {

class ReducedSpace {
 public:
  /// Registers the buffers "reduction_mean" [X] and "reduction_components" [D, X], empty where nothing is reduced.
  /// `most` columns; 0 leaves the data as they are.
  ReducedSpace(torch::nn::Module& owner, int64_t most)
      : most_(most),
        mean_(owner.register_buffer("reduction_mean", at::empty({0}))),
        components_(owner.register_buffer("reduction_components", at::empty({0, 0}))) {}

  /// Finds the space of x [N, X] and says what is done.
  void fit(const Tensor& x, model::Observer& observer) {
    const int64_t dimensions = std::min(most_, x.size(0));
    if (most_ == 0 || x.size(1) <= most_) return;
    if (components_.size(0) > 0) return;  // found, and said, by a pass that was stopped later on
    classical::Pca pca = classical::fit_pca(x, dimensions);
    mean_.set_data(pca.mean);
    components_.set_data(pca.components);
    double kept = pca.explained_variance.sum(at::kDouble).item<double>();
    observer.note(
        fmt::format("{} features are reduced to {} principal components, with {:.1f} % of the variance "
                    "(pca_dim 0 takes them as they are)",
                    x.size(1), dimensions, pca.total_variance > 0 ? 100 * kept / pca.total_variance : 100));
  }

  /// x [B, X] -> [B, D] in the space.
  Tensor operator()(const Tensor& x) const {
    if (components_.size(0) == 0) return x;
    return classical::Pca{mean_, components_, {}}.transform(x);
  }

  /// z [B, D] of the space -> the point of the data that it stands for, [B, X].
  Tensor inverse(const Tensor& z) const {
    if (components_.size(0) == 0) return z;
    return classical::Pca{mean_, components_, {}}.inverse(z);
  }

 private:
  int64_t most_;
  Tensor mean_, components_;
};

}  // namespace cleave::models
