// Matrix Market files (.mtx): sparse or dense matrices as text.
#pragma once

#include "cleave/data/dataset.h"
#include "cleave/data/readers/byte_source.h"

namespace cleave::data {

/// True when the bytes begin as a Matrix Market file does.
bool is_matrix_market(ByteView bytes);

/// A matrix whose rows are examples, as it stands in the file: single-cell files often hold genes x cells and must be
/// transposed first. `coordinate` gives sparse examples, `array` dense ones; `real`, `integer` and `pattern` values;
/// `general` and `symmetric`.
/// Throws DataError that names the line for anything that does not follow the format: an entry outside of the matrix
/// (the first row is 1), a value that is not a finite number, more or fewer entries than announced.
Dataset read_matrix_market(ByteView bytes, const std::string& name);

}  // namespace cleave::data
