// Published data sets by name: where they come from, which files they need, how these become a data set.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cleave/data/dataset.h"

namespace cleave::data {

/// One file of a published data set.
struct SourceFile {
  std::string name;      ///< in the set's folder
  uint64_t bytes = 0;    ///< its size; 0 where unknown
  std::string checksum;  ///< "md5:..." or "sha256:..."; empty where unknown
  std::string address;   ///< where it can be downloaded; empty where only `source` tells how
};

struct RegisteredSet {
  std::string name;
  std::string title;
  std::string folder;  ///< under the data root
  std::string source;  ///< official address, for people
  std::vector<SourceFile> files;
  Dataset (*read)(const std::filesystem::path& folder);
};

/// Every published set, in the order in which they are listed to people.
const std::vector<RegisteredSet>& registered_sets();

std::vector<std::string> registered_names();

/// The set of that name, or nullptr.
const RegisteredSet* find_registered(const std::string& name);

/// Reads a set from `root`/folder. Throws DataError that names the file that is absent, where it was looked for and how
/// to get it.
Dataset read_registered(const RegisteredSet& set, const std::filesystem::path& root);

}  // namespace cleave::data
