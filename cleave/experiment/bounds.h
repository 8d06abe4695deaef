// How well a latent variable model explains data: bounds on log p(x).
#pragma once

#include <cstdint>

#include "cleave/base/random.h"
#include "cleave/data/view.h"
#include "cleave/model/model.h"

namespace cleave::experiment {

/// Means over examples in nats, with standard errors over examples.
struct Bounds {
  double elbo = 0, elbo_se = 0;  ///< evidence lower bound, averaged over 10 draws per example, or `samples`
  double iwae = 0, iwae_se = 0;  ///< log of the mean importance weight of `samples` draws: between elbo and log p(x)
  int64_t samples = 0;
  int64_t examples = 0;
};

/// Both bounds on at most `examples` rows from all over the data; on fewer, though not below 50, where so many would
/// take minutes, as 500 of 20 000 columns with 100 samples do. The model must have a bound (abilities().has_bound).
/// Source: Burda, Grosse, Salakhutdinov, Importance weighted autoencoders, ICLR 2016, equation 8.
Bounds measure_bounds(model::Model& model, const data::View& view, int64_t examples, int64_t samples,
                      const Randomness& random);

}  // namespace cleave::experiment
