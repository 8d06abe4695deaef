// What a generative method imagines, cluster by cluster.
#pragma once

#include <cstdint>

#include "cleave/base/random.h"
#include "cleave/model/model.h"

namespace cleave::experiment {

/// `count` decoded draws from each cluster of a facet, [K, count, X]; from the whole prior, [1, count, X], where the
/// method has no clusters. Latents are drawn `spread` times as far from their cluster's mean as the prior has them.
/// Throws ArgumentError for a method that does not generate, or a facet that it does not have.
Tensor draw_samples(model::Model& model, size_t facet, int64_t count, double spread, const Randomness& random);

}  // namespace cleave::experiment
