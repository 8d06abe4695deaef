// From a name or a path to a data set.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cleave/data/dataset.h"

namespace cleave::data {

struct OpenOptions {
  std::filesystem::path root;  ///< where registered sets lie; empty: none given
  std::string split = "all";   ///< "all", "train" or "test"
  std::string label_column;    ///< of files, or array: its name or 0-based index; "none"; empty: found by its name
  int64_t size = 0;            ///< drawn sets: number of examples; 0 takes the set's own default
  uint64_t seed = 0;           ///< drawn sets
  double noise = -1;           ///< drawn points: standard deviation about their curve; below 0 the set's own
};

/// Whether `name` is that of a registered or a drawn set, and so not a path.
bool is_known_name(const std::string& name);

/// A registered name ("mnist", "glyphs") or a path to a file or folder in any format that the readers know.
/// The result is checked. Throws ArgumentError for an unknown name, DataError for absent or unusable files.
Dataset open(const std::string& name_or_path, const OpenOptions& options = {});

}  // namespace cleave::data
