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

/// `count` draws from every cluster of a facet: [K, count, X].
Tensor cluster_samples(model::Model& model, size_t facet, int64_t clusters, int64_t count, const Randomness& random);

/// `count` draws from the prior, whatever the cluster: [count, X].
Tensor prior_samples(model::Model& model, int64_t count, const Randomness& random);

/// One latent at a time moved over the range it takes in the data, the others held at those of one example.
struct Traversals {
  Tensor order;    ///< [L] int64, latents by amount, largest first; at most the number asked for
  Tensor amounts;  ///< [D] mean KL in nats, or variance of the code where there is no KL
  bool in_nats = true;
  Tensor low, high;  ///< [D] limits: the 1 % and 99 % quantiles of the codes
  Tensor decoded;    ///< [L, S, X]

  /// [D] bool: carries information. By variance: at least a thousandth of the largest one.
  Tensor active() const;
};

/// base [1, X] the example to start from; codes [N, D] of examples that give the ranges; nats [D] or undefined.
Traversals traverse(model::Model& model, const Tensor& base, const Tensor& codes, const Tensor& nats, int64_t latents,
                    int64_t steps);

/// From the code of each example of `from` [B, X] to that of `to` [B, X] on a straight line, ends included: [B, S, X].
/// A cluster variable changes half way.
Tensor interpolations(model::Model& model, const Tensor& from, const Tensor& to, int64_t steps);

/// Feature arithmetic: each example of x [B, X] with mean code(plus) - mean code(minus) added to its code, in `steps`
/// equal parts from none of it to `strength` times all, decoded: [B, S, X]. plus [P, X], minus [M, X]. Cluster
/// variables stay those of x.
Tensor edits(model::Model& model, const Tensor& x, const Tensor& minus, const Tensor& plus, double strength,
             int64_t steps);

}  // namespace cleave::analysis
