// What a data set is, in a few facts; and writing one as npz.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cleave/data/dataset.h"
#include "cleave/data/open.h"

namespace cleave::data {

/// What `cleave data inspect` tells of a data set.
struct Inspection {
  std::string name;
  std::string kind;            ///< kind_name
  std::string type;            ///< of the values: "uint8", "int32", "float32", "float64"
  int64_t size = 0;            ///< examples
  std::vector<int64_t> shape;  ///< of one example
  bool sparse = false;
  uint64_t bytes = 0;                          ///< in memory
  double smallest = 0, largest = 0, mean = 0;  ///< of the values, zeros of sparse rows included
  double zeros = 0;                            ///< share of values that are 0
  int64_t train_count = 0;
  int64_t unlabelled = 0;                               ///< examples without a label
  std::vector<std::pair<std::string, int64_t>> labels;  ///< name and number of examples per class; empty without labels
  std::vector<std::pair<std::string, int64_t>> factors;  ///< name and number of distinct values
  std::string checksum;                                  ///< Dataset::checksum
};

Inspection inspect(const Dataset& dataset);

/// Writes a data set as npz, which open() reads back as it was but for the name: examples, labels, factors, names, ids,
/// split, kind. Throws RunError when the file cannot be written, DataError when a part passes 4 GiB.
void convert(const Dataset& dataset, const std::filesystem::path& npz);

}  // namespace cleave::data
