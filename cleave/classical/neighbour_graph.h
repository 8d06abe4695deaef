// The neighbour graph of a data set, at any size: exact while that is quick, approximate beyond.
//
// Source  Jegou, Douze, Schmid. Product quantization for nearest neighbor search. PAMI 2011 (section IV: the data
//         are cut into cells around the centres of k-means, and an example is compared with those in the nearest few).
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

/// As nearest_others(), but approximate at any N. Of the 15 nearest of 70 000 handwritten digits, as 50 principal
/// components, it finds 99 in 100. The distances are exact. Memory in proportion to N, cost nearly so.
Neighbours approximate_others(const Tensor& x, int64_t k, const Randomness& random, const ShouldStop& should_stop = {});

}  // namespace cleave::classical
