// What a fitted method says of a data set, asked block by block.
//
// Axes: N examples asked about, X features, D_l latents of layer l, D all latents, K clusters.
#pragma once

#include <cstdint>
#include <vector>

#include "cleave/base/tensor.h"
#include "cleave/data/view.h"
#include "cleave/model/model.h"

namespace cleave::analysis {

/// `count` places out of `size`, evenly spread, in order; all of them when there are no more. int64.
Tensor evenly_spread(int64_t size, int64_t count);

/// `count` rows that stand for all `size`: one from each of `count` equal stretches, at a place in it that is drawn
/// once and for all; every row when there are no more. In order, int64. A fixed step would not do: in MNIST even and
/// odd rows come from different groups of writers.
Tensor stratified_rows(int64_t size, int64_t count);

struct Answers {
  Tensor indices;                        ///< [N] int64, the rows asked about
  std::vector<Tensor> codes;             ///< per layer [N, D_l]; empty when the method does not embed
  std::vector<Tensor> responsibilities;  ///< per facet [N, K]

  /// Codes of all layers side by side, [N, D]. Undefined when the method does not embed.
  Tensor code() const;

  /// Most probable cluster of each example, [N] int64; -1 where no cluster claims it (a row of zeros).
  Tensor assignment(size_t facet = 0) const;
};

/// Asks a method about the examples at `indices` [N] int64, or about every example when undefined.
Answers ask(model::Model& model, const data::View& view, const Tensor& indices = {});

/// The hidden features of every example, [N, F]: where a method has them, they and not its codes are what distances
/// between examples are measured on. Undefined for any other method.
Tensor hidden_features(model::Model& model, const data::View& view);

/// Mean KL of each latent's posterior from its prior over the examples at `indices` [N]: [D] nats.
/// Undefined for a method that has no posterior distribution (abilities().has_bound is false), or none for each latent.
Tensor mean_information(model::Model& model, const data::View& view, const Tensor& indices);

/// The same within every class: classes [N] int64 of the examples at `indices`, -1 for none -> [K, D] nats, NaN for a
/// class without examples.
Tensor information_by_class(model::Model& model, const data::View& view, const Tensor& indices, const Tensor& classes,
                            int64_t class_count);

/// Below this a latent tells next to nothing of the example, nats. (One percent of a nat is a chance of about one in a
/// hundred of telling two examples apart by this latent alone.)
inline constexpr double kActiveNats = 0.01;

}  // namespace cleave::analysis
