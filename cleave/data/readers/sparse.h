// Sparse matrices as files hold them -> compressed sparse rows, everything checked.
#pragma once

#include <string>
#include <vector>

#include "cleave/data/dataset.h"

namespace cleave::data {

/// A matrix compressed along one axis: by row (csr) or by column (csc).
struct CompressedMatrix {
  Tensor offsets;  ///< [lines + 1], whole numbers
  Tensor indices;  ///< [entries], whole numbers: the place within the line
  Tensor values;   ///< [entries]
  int64_t rows = 0;
  int64_t columns = 0;
};

/// Rows of a matrix stored by row. Indices within a row may come in any order; repeated ones are summed.
/// Throws DataError when offsets, indices and values do not fit each other or the shape.
SparseRows sparse_rows(const CompressedMatrix& stored, const std::string& name);

/// Rows of a matrix stored by column.
SparseRows sparse_rows_of_columns(const CompressedMatrix& stored, const std::string& name);

/// One entry per position of the three lists.
struct Coordinates {
  std::vector<int64_t> row;     ///< in [0, rows)
  std::vector<int32_t> column;  ///< in [0, columns)
  std::vector<float> value;
};

/// Rows of a matrix given entry by entry, in any order; repeated entries are summed. All must lie in the matrix.
SparseRows compress(const Coordinates& entries, int64_t rows, int64_t columns);

/// Throws DataError unless a sparse matrix may have such a shape: columns fit 32 bits, and there are no more rows, nor
/// columns, than a million beyond 16 per entry, so that a header alone cannot claim memory.
void check_sparse_shape(int64_t rows, int64_t columns, int64_t entries, const std::string& name);

}  // namespace cleave::data
