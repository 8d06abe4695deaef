// The neighbour graph of a data set, at any size: exact while that is quick, approximate beyond.
#pragma once

#include <cstdint>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/classical/nearest.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

/// The k nearest others of every row of x [N, X]; row i is no neighbour of row i. Exact for small N, approximate for
/// large N, where `random` decides what is looked at. The same for any number of threads.
/// Throws ArgumentError when k < 1 or k > N - 1, DataError when values are not finite, Interrupted.
Neighbours nearest_others(const Tensor& x, int64_t k, const Randomness& random, const ShouldStop& should_stop = {});

}  // namespace cleave::classical
