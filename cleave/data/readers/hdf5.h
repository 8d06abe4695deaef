// HDF5: plain data sets, and single-cell files as AnnData writes them (.h5ad).
#pragma once

#include "cleave/data/dataset.h"
#include "cleave/data/readers/byte_source.h"

namespace cleave::data {

/// True when the bytes begin as an HDF5 file does.
bool is_hdf5(ByteView bytes);

/// The examples and labels of an HDF5 file, found by name at its root, or in groups `train` and `test` (train rows
/// first). Examples: x, data, features, images (any case), else the only data set of two or more axes. Labels: y,
/// target, label, or `label_column`.
///
/// A file with groups `obs` and `var` is read as AnnData: `X` dense, csr or csc; ids from the index of obs, feature
/// names from the index of var, labels from the column of obs that `label_column` names, if any.
///
/// The HDF5 library runs in a child process of bounded memory and time (confined.h), because it trusts its files. Links
/// to other files are not followed. Throws DataError when the file is damaged, holds nothing usable, has no such
/// column, or would need more than decompressed_limit(bytes.size()) bytes.
Dataset read_hdf5(ByteView bytes, const std::string& name, const std::string& label_column = "");

}  // namespace cleave::data
