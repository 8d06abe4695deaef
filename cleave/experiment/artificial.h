// Examples that a finished run draws, in the place of real ones: what a generator is worth to somebody who trains on
// it.
#pragma once

#include <cstdint>

#include "cleave/data/dataset.h"
#include "cleave/experiment/fitted_model.h"

namespace cleave::experiment {

/// `dataset` with `share` of its examples, taken at random, replaced by draws of `generator` and the classes that they
/// were drawn of: y from the prior, z `spread` times as wide as it is. The factors of a drawn example are not known
/// (NaN). The same seed replaces the same rows by the same draws.
/// Throws ArgumentError for a method that draws no examples of classes or that has other classes than the data, and
/// DataError for examples of another width and for sparse data.
data::Dataset with_artificial(data::Dataset dataset, const FittedModel& generator, double share, double spread,
                              uint64_t seed);

}  // namespace cleave::experiment
