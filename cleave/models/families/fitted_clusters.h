// What clusterers that place all examples together have in common: labels of the fit, recognised by the bytes of an
// example, and a rule for new ones.
//
// Embeds  x as it is measured: itself, or its principal components.
// Shapes  N examples, B of a batch, X features, D dimensions of the space, K clusters.
#pragma once

#include <algorithm>
#include <vector>

#include "cleave/model/fitted_rows.h"
#include "cleave/models/families/reduced_space.h"

namespace cleave::models {

class FittedClusters : public model::Model {
 public:
  static constexpr model::Abilities kAbilities{.clusters = true, .embeds = true};

  FittedClusters(int64_t pca_dim, int64_t clusters)
      : Model(kAbilities),
        space_(*this, pca_dim),
        rows_(*this),
        labels_(register_buffer("labels", at::empty({0}, at::kLong))),
        count_(register_buffer("count", at::full({}, clusters, at::kLong))) {}

  std::vector<model::Facet> facets() const override { return {{.layer = 0, .clusters = clusters()}}; }

  model::Latents infer(const Tensor& x) override {
    Tensor code = space_(x), place = rows_.find(x), is_new = place < 0;
    if (labels_.size(0) == 0) return {{code}, {at::full({x.size(0)}, -1, at::kLong)}};
    Tensor y = labels_.take(place.clamp_min(0));
    if (is_new.any().item<bool>()) {
      Tensor rows = is_new.nonzero().flatten();
      y.index_copy_(0, rows, labels_of_new(code.index_select(0, rows)));
    }
    return {{code}, {y}};
  }

  /// One-hot; a row of zeros is noise.
  Tensor responsibilities(const Tensor& x, size_t) override {
    return infer(x).y[0].unsqueeze(1).eq(at::arange(clusters())).to(at::kFloat);
  }

 protected:
  /// Clusters of new examples, given in the space [B, D]: [B] int64, -1 for noise.
  virtual Tensor labels_of_new(const Tensor& codes) = 0;

  /// Remembers what the fit says of its examples x [N, X]: labels [N] int64 below `count`, -1 for noise.
  void remember(const Tensor& x, const Tensor& labels, int64_t count) {
    rows_.remember(x);
    labels_.set_data(labels);
    count_.fill_(count);
  }

  ReducedSpace space_;

 private:
  /// One where the fit found none, a cluster without members: the largest of no responsibilities cannot be asked for.
  int64_t clusters() const { return std::max<int64_t>(count_.item<int64_t>(), 1); }

  model::FittedRows rows_;
  Tensor labels_;  ///< [N] of the examples of the fit
  Tensor count_;   ///< []
};

}  // namespace cleave::models
