// The formats that data may come in, and which of them a file has.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cleave/data/dataset.h"
#include "cleave/data/open.h"
#include "cleave/data/readers/byte_source.h"

namespace cleave::data {

struct Format {
  std::string name;                  ///< "npy"
  std::string meaning;               ///< "NumPy array"
  std::vector<std::string> endings;  ///< of file names, without ".gz"
  bool has_columns;                  ///< or arrays, of which one can be called the labels
  bool (*begins)(ByteView bytes);    ///< whether bytes begin as the format does; nullptr when it has no mark
  Dataset (*read)(ByteView bytes, const std::string& name, const OpenOptions& options);
};

/// Every format of a single file.
const std::vector<Format>& formats();

/// The format of a file: by its ending, else by how its bytes begin. Throws DataError that lists the known formats.
const Format& format_of(const std::filesystem::path& path, ByteView bytes);

/// Reads a file, decompressed when it is gzip, or a folder of images. Labels in an idx file beside one of images, named
/// as MNIST names them, are taken along. With `label_column` "none" labels are left behind. Throws DataError for files
/// that cannot be used, ArgumentError for another `label_column` where there are no columns.
Dataset read_path(const std::filesystem::path& path, const OpenOptions& options);

}  // namespace cleave::data
