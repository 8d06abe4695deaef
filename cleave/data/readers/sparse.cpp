#include "cleave/data/readers/sparse.h"

#include <algorithm>
#include <limits>

#include "cleave/base/error.h"

namespace cleave::data {
namespace {

/// Offsets and indices as int64, checked against each other and the shape; `lines` x `width` along the stored axis.
struct Checked {
  Tensor offsets, indices, values;
};

Checked check(const CompressedMatrix& stored, int64_t lines, int64_t width, const std::string& name) {
  for (const Tensor& part : {stored.offsets, stored.indices}) {
    require<DataError>(!part.is_floating_point(), "{}: offsets and indices must be whole numbers", name);
  }
  Checked matrix = {stored.offsets.to(at::kLong).contiguous(), stored.indices.to(at::kLong).contiguous(),
                    stored.values.to(at::kFloat).contiguous()};
  const int64_t entries = matrix.values.numel();
  require<DataError>(matrix.offsets.numel() - 1 == lines, "{}: {} offsets for {} lines", name, matrix.offsets.numel(),
                     lines);
  require<DataError>(matrix.indices.numel() == entries, "{}: {} indices for {} values", name, matrix.indices.numel(),
                     entries);
  const int64_t* offset = matrix.offsets.const_data_ptr<int64_t>();
  require<DataError>(offset[0] == 0 && offset[lines] == entries, "{}: offsets run from {} to {}, not from 0 to {}",
                     name, offset[0], offset[lines], entries);
  for (int64_t line = 0; line < lines; ++line) {
    require<DataError>(offset[line] <= offset[line + 1], "{}: offsets fall from {} to {} at line {}", name,
                       offset[line], offset[line + 1], line);
  }
  const int64_t* index = matrix.indices.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < entries; ++i) {
    require<DataError>(index[i] >= 0 && index[i] < width, "{}: entry {} has index {}, but there are only {}", name, i,
                       index[i], width);
  }
  return matrix;
}

/// True when indices rise strictly within every row.
bool in_order(const Checked& matrix, int64_t rows) {
  const int64_t* offset = matrix.offsets.const_data_ptr<int64_t>();
  const int64_t* index = matrix.indices.const_data_ptr<int64_t>();
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t i = offset[row] + 1; i < offset[row + 1]; ++i) {
      if (index[i - 1] >= index[i]) return false;
    }
  }
  return true;
}

/// Every entry with the line that it lies in.
template <class Take>
void for_each_entry(const Checked& matrix, int64_t lines, Take&& take) {
  const int64_t* offset = matrix.offsets.const_data_ptr<int64_t>();
  const int64_t* index = matrix.indices.const_data_ptr<int64_t>();
  const float* value = matrix.values.const_data_ptr<float>();
  for (int64_t line = 0; line < lines; ++line) {
    for (int64_t i = offset[line]; i < offset[line + 1]; ++i)
      take(line, index[i], value[i]);
  }
}

}  // namespace

void check_sparse_shape(int64_t rows, int64_t columns, int64_t entries, const std::string& name) {
  constexpr int64_t kEmpty = 1'000'000, kPerEntry = 16;
  require<DataError>(rows > 0 && columns > 0, "{}: a matrix of {} x {} holds nothing", name, rows, columns);
  require<DataError>(columns <= std::numeric_limits<int32_t>::max(), "{}: {} columns are more than 32 bits count", name,
                     columns);
  for (const auto& [count, lines] : {std::pair{rows, "rows"}, std::pair{columns, "columns"}}) {
    require<DataError>((count - kEmpty) / kPerEntry <= entries, "{}: claims {} {} but only {} entries", name, count,
                       lines, entries);
  }
}

SparseRows compress(const Coordinates& entries, int64_t rows, int64_t columns) {
  const size_t count = entries.value.size();
  std::vector<size_t> start(static_cast<size_t>(rows) + 1, 0);  // counting sort by row
  for (int64_t row : entries.row)
    ++start[static_cast<size_t>(row) + 1];
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row)
    start[row + 1] += start[row];
  std::vector<std::pair<int32_t, float>> sorted(count);
  std::vector<size_t> next(start.begin(), start.end() - 1);
  for (size_t i = 0; i < count; ++i) {
    sorted[next[static_cast<size_t>(entries.row[i])]++] = {entries.column[i], entries.value[i]};
  }
  SparseRows result;
  result.width = columns;
  result.offsets = at::zeros({rows + 1}, at::kLong);
  int64_t* offset = result.offsets.mutable_data_ptr<int64_t>();
  size_t kept = 0;
  for (int64_t row = 0; row < rows; ++row) {
    auto first = sorted.begin() + static_cast<ptrdiff_t>(start[static_cast<size_t>(row)]);
    auto last = sorted.begin() + static_cast<ptrdiff_t>(start[static_cast<size_t>(row) + 1]);
    std::stable_sort(first, last, [](const auto& a, const auto& b) { return a.first < b.first; });
    const size_t row_start = kept;
    for (auto entry = first; entry != last; ++entry) {
      bool repeated = kept > row_start && sorted[kept - 1].first == entry->first;
      if (repeated)
        sorted[kept - 1].second += entry->second;
      else
        sorted[kept++] = *entry;
    }
    offset[row + 1] = static_cast<int64_t>(kept);
  }
  result.columns = at::empty({static_cast<int64_t>(kept)}, at::kInt);
  result.values = at::empty({static_cast<int64_t>(kept)}, at::kFloat);
  int32_t* column = result.columns.mutable_data_ptr<int32_t>();
  float* value = result.values.mutable_data_ptr<float>();
  for (size_t i = 0; i < kept; ++i)
    std::tie(column[i], value[i]) = sorted[i];
  return result;
}

SparseRows sparse_rows(const CompressedMatrix& stored, const std::string& name) {
  check_sparse_shape(stored.rows, stored.columns, stored.values.numel(), name);
  Checked matrix = check(stored, stored.rows, stored.columns, name);
  if (in_order(matrix, stored.rows)) {
    return {matrix.offsets, matrix.indices.to(at::kInt), matrix.values, stored.columns};
  }
  Coordinates entries;
  for_each_entry(matrix, stored.rows, [&](int64_t row, int64_t column, float value) {
    entries.row.push_back(row);
    entries.column.push_back(static_cast<int32_t>(column));
    entries.value.push_back(value);
  });
  return compress(entries, stored.rows, stored.columns);
}

SparseRows sparse_rows_of_columns(const CompressedMatrix& stored, const std::string& name) {
  check_sparse_shape(stored.rows, stored.columns, stored.values.numel(), name);
  Checked matrix = check(stored, stored.columns, stored.rows, name);
  Coordinates entries;
  for_each_entry(matrix, stored.columns, [&](int64_t column, int64_t row, float value) {
    entries.row.push_back(row);
    entries.column.push_back(static_cast<int32_t>(column));
    entries.value.push_back(value);
  });
  return compress(entries, stored.rows, stored.columns);
}

}  // namespace cleave::data
