// A small table of three well separated groups, for tests that train.
#pragma once

#include "cleave/base/random.h"
#include "cleave/data/view.h"

namespace cleave::tests {

/// [N, X] float32 around three centres, labels 0, 1, 2 in turn.
inline data::Dataset blobs(int64_t size = 200, int64_t width = 6, uint64_t seed = 1) {
  Randomness random(seed);
  data::Dataset dataset;
  dataset.name = "blobs";
  dataset.labels = at::arange(size, at::kLong).remainder(3);
  Tensor centres = 3 * at::randn({3, width}, random.stream("centres"));
  dataset.examples.dense = centres.index_select(0, dataset.labels) + at::randn({size, width}, random.stream("noise"));
  dataset.shape = {width};
  dataset.label_names = {"a", "b", "c"};
  return dataset;
}

}  // namespace cleave::tests
