// MATLAB 5 files (.mat), as MATLAB writes them by default and with -v6.
#pragma once

#include <string>
#include <vector>

#include "cleave/data/dataset.h"
#include "cleave/data/readers/byte_source.h"

namespace cleave::data {

/// One variable; its type is the one that its values are stored in.
struct MatArray {
  std::string name;
  Tensor values;  ///< with MATLAB's own axes: an R x C matrix is [R, C]; undefined unless it is a dense array of reals
};

/// True when the bytes begin as a MATLAB 5 file does.
bool is_mat(ByteView bytes);

/// The variables of a file, in its order. Only the names are read of cells, structures, text, sparse and complex ones.
/// Throws DataError, naming the byte, when the file is damaged, truncated or decompresses beyond
/// decompressed_limit(bytes.size()).
std::vector<MatArray> read_mat_arrays(ByteView bytes, const std::string& name);

/// Examples are the rows of X, fea or data (any case), else of the only variable that is no vector; labels are y, gnd,
/// label, or `label_column`. Throws DataError as read_mat_arrays does, or when there are no such variables, or where
/// the one of that name is no dense array of real numbers.
Dataset read_mat(ByteView bytes, const std::string& name, const std::string& label_column = "");

}  // namespace cleave::data
