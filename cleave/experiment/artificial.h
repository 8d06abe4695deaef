// Examples that a finished run draws, in the place of real ones: what a generator is worth to somebody who trains on
// it.
#pragma once

#include <cstdint>

#include "cleave/data/dataset.h"
#include "cleave/experiment/fitted_model.h"

namespace cleave::experiment {

struct Artificial {
  double share = 1;         ///< of the examples, taken at random, that draws replace
  double spread = 1;        ///< z is drawn so many times as wide as the prior
  bool recognised = false;  ///< whether draws that the generator names otherwise than as what it drew are left out
};

/// `dataset` with examples replaced by draws of `generator` and the classes that they were drawn of, y from the prior.
/// Of a generator that did not learn the data's own labels these are the numbers of its clusters, or unknown (-1)
/// beside examples that keep their class. The factors of a drawn example are not known (NaN). The same seed replaces
/// the same rows by the same draws. Throws ArgumentError for a method that draws no examples of classes, that has other
/// classes than the data or that recognises hardly any of its draws, and DataError for examples of another width and
/// for sparse data.
data::Dataset with_artificial(data::Dataset dataset, const FittedModel& generator, const Artificial& artificial,
                              uint64_t seed);

}  // namespace cleave::experiment
