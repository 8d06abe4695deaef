// Labels that a method is given to learn from. Those that evaluation compares with stay in the data set.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cleave/data/dataset.h"

namespace cleave::data {

struct GivenLabels {
  Tensor classes;                  ///< [N] int64, -1 where no label is given; undefined: none at all
  std::vector<std::string> names;  ///< per class

  int64_t class_count() const { return static_cast<int64_t>(names.size()); }

  /// XXH3-64 of the classes, as 16 hexadecimal digits.
  std::string checksum() const;
};

/// The data set's own labels; with per_class > 0 only that many of each class, drawn by `seed`.
/// Throws DataError when the set has no labels, or too few of a class.
GivenLabels own_labels(const Dataset& dataset, int64_t per_class, uint64_t seed);

/// Labels from a csv file with a header: a column `index` (of the example, from 0) or `filename` (its id), and a column
/// `label` or `cluster`; a label that is blank or a mark for a missing one, NA for example, or a cluster -1, is none.
/// Where the data set names its classes and the labels are all such names, or all their numbers, the classes are the
/// data set's, those without an example included; else they are the labels found, in order.
/// Throws DataError that names file and line for an example that is not there, for an id of several, and for an example
/// that is labelled twice.
GivenLabels read_labels(std::span<const uint8_t> bytes, const std::string& name, const Dataset& dataset);

}  // namespace cleave::data
