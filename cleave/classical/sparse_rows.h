// Square sparse matrices over examples: who is near whom, and how much.
#pragma once

#include <cstdint>
#include <functional>

#include "cleave/base/tensor.h"

namespace cleave::classical {

/// A square matrix of which each row stores a few entries, by rising column. As a weighted graph: symmetric, with an
/// empty diagonal, each edge stored in the rows of both its ends.
struct SparseRows {
  Tensor starts;   ///< [N + 1] int64, row i has the entries starts[i] to starts[i + 1] - 1
  Tensor columns;  ///< [E] int32
  Tensor values;   ///< [E] floating point

  int64_t rows() const { return starts.size(0) - 1; }
};

/// The symmetric matrix of combine(a_ij, a_ji) from lists of entries: a_{i, indices[i, .]} = values[i, .], all others
/// 0. Entries that combine to 0 are left out. indices [N, k] int64 without repetition in a row, values [N, k] floating
/// point; combine must be symmetric and is called in float64 from several threads. Throws ArgumentError for tensors of
/// other shapes and for more examples than int32 can number.
SparseRows symmetrised(const Tensor& indices, const Tensor& values, at::ScalarType type,
                       const std::function<double(double, double)>& combine);

/// The connected component of each vertex of a graph by compressed rows, [N] int64, numbered by first vertex; the
/// neighbours of vertex i are columns[starts[i] .. starts[i + 1]), each edge in the rows of both its ends.
Tensor connected_components(const Tensor& starts, const Tensor& columns);

/// The product of the matrix and x [N, K], [N, K] float32; the same for any number of threads.
Tensor times(const SparseRows& matrix, const Tensor& x);

/// An order of the rows, [N] int64, in which those with heavy entries in common are near one another: from the first
/// row on, always the row with the heaviest entry in one that has been taken (Prim 1957). For symmetric matrices.
Tensor neighbourly_order(const SparseRows& matrix);

/// The symmetric matrix with rows and columns in the given order [N] int64: its row r is row order[r].
SparseRows reordered(const SparseRows& matrix, const Tensor& order);

}  // namespace cleave::classical
