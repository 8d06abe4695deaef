// What sets a cluster apart, for data that are no pictures: features whose mean differs from that of all examples.
//
// Axes: K clusters, X features.
#pragma once

#include <cstdint>
#include <string>

#include "cleave/base/tensor.h"
#include "cleave/data/dataset.h"

namespace cleave::analysis {

struct Contrast {
  Tensor difference;  ///< [K, X] float64: (mean in the cluster - mean of all) / standard deviation of all; 0 where the
                      ///< feature is constant or the cluster empty
  Tensor top;         ///< [K, count] int64 features by difference, largest first: by absolute value for tables, only
                      ///< upwards for counts and text, where presence is what means something
};

/// rows [N] int64 of the data set, assignment [N] their clusters in [0, K) or -1. Values on contrast_scale(kind).
Contrast contrast(const data::Dataset& dataset, const Tensor& rows, const Tensor& assignment, int64_t clusters,
                  int64_t count);

/// The scale on which features are compared, in words: counts are compared as log(1 + count per 10 000 of the row),
/// everything else as stored.
std::string contrast_scale(data::Kind kind);

/// The feature's name, or "feature 12" where the data set names none.
std::string feature_name(const data::Dataset& dataset, int64_t feature);

}  // namespace cleave::analysis
