// Pictures that a decoder draws: reconstructions, samples, traversals, interpolations. All in the transformed scale.
//
// Axes: B examples, X features, D all latents, K clusters, S steps.
#pragma once

#include <cstdint>
#include <vector>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/model/model.h"

namespace cleave::analysis {

/// decode(infer(x)): [B, X].
Tensor reconstructions(model::Model& model, const Tensor& x);

/// `count` decoded draws from each cluster of a facet, [K, count, X]; from the whole prior, [1, count, X], where the
/// method has no clusters. Draw i of every cluster has the same noise, and where the method has several layers the same
/// latents and clusters of the others. Latents are drawn `spread` times as far from their mean as the prior has them.
/// Throws ArgumentError for a method that does not generate, or a facet that it does not have.
Tensor draw_samples(model::Model& model, size_t facet, int64_t count, double spread, const Randomness& random);

/// `count` draws from the whole prior, whatever the cluster, `spread` times as wide as it is: [count, X].
Tensor prior_samples(model::Model& model, int64_t count, double spread, const Randomness& random);

/// Draws from the whole prior with the clusters that they are of.
struct LabelledSamples {
  Tensor x;  ///< [count, X]
  Tensor y;  ///< [count] int64, cluster of the first facet
};

/// Like prior_samples(). Throws ArgumentError for a method that does not generate or has no clusters.
LabelledSamples labelled_samples(model::Model& model, int64_t count, double spread, const Randomness& random);

/// One layer at a time drawn from the prior, the others held at those of the example base [1, X]: [L, count, X].
/// Source: Willetts et al. 2019, figure 2. Throws ArgumentError for a method that does not generate.
Tensor resampled_layers(model::Model& model, const Tensor& base, int64_t count, const Randomness& random);

/// Each example of x [B, X] decoded as if it were of every cluster of a facet in turn, its latents held: [B, K, X].
Tensor transfers(model::Model& model, const Tensor& x, size_t facet);

/// One latent at a time moved over the range it takes in the data, the others held at those of one example.
struct Traversals {
  Tensor order;    ///< [L] int64, latents by amount, largest first; at most the number asked for
  Tensor amounts;  ///< [D] mean KL in nats, or variance of the code where there is no KL
  bool in_nats = true;
  Tensor low, high;  ///< [D] limits
  Tensor decoded;    ///< [L, S, X]

  /// [D] bool: carries information. By variance: at least a thousandth of the largest one.
  Tensor active() const;
};

/// base [1, X] the example to start from; codes [N, D] of examples that give the ranges: from the 1 % to the 99 %
/// quantile, or `span` standard deviations either side of the mean when it is above 0; nats [D] or undefined.
Traversals traverse(model::Model& model, const Tensor& base, const Tensor& codes, const Tensor& nats, int64_t latents,
                    int64_t steps, double span = 0);

/// From the code of each example of `from` [B, X] to that of `to` [B, X] on a straight line, ends included: [B, S, X].
/// A cluster variable changes half way.
Tensor interpolations(model::Model& model, const Tensor& from, const Tensor& to, int64_t steps);

/// Feature arithmetic: each example of x [B, X] with mean code(plus) - mean code(minus) added to its code, in `steps`
/// equal parts from none of it to `strength` times all, decoded: [B, S, X]. plus [P, X], minus [M, X]. Cluster
/// variables stay those of x.
Tensor edits(model::Model& model, const Tensor& x, const Tensor& minus, const Tensor& plus, double strength,
             int64_t steps);

}  // namespace cleave::analysis
