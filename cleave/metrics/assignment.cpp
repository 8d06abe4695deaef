#include "cleave/metrics/assignment.h"

#include <limits>

#include "cleave/base/error.h"

namespace cleave::metrics {

namespace {

/// Matches every row of cost (R <= C) at least total cost: adds the rows one by one, each along the cheapest
/// alternating path to a free column, with potentials that keep reduced costs non-negative. Returns the row of each
/// column, -1 where it is free.
std::vector<int64_t> cheapest_rows(const at::TensorAccessor<double, 2>& cost) {
  const int64_t rows = cost.size(0), columns = cost.size(1);
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> row_potential(rows, 0), column_potential(columns + 1, 0);
  std::vector<int64_t> row_of(columns + 1, -1);  // the last column stands for "not matched yet"

  for (int64_t row = 0; row < rows; ++row) {
    std::vector<double> slack(columns, infinity);
    std::vector<int64_t> previous(columns, columns);
    std::vector<bool> visited(columns + 1, false);
    int64_t column = columns;
    row_of[column] = row;
    while (row_of[column] >= 0) {
      visited[column] = true;
      int64_t from = row_of[column], nearest = -1;
      double least = infinity;
      for (int64_t c = 0; c < columns; ++c) {
        if (visited[c]) continue;
        double reduced = cost[from][c] - row_potential[from] - column_potential[c];
        if (reduced < slack[c]) {
          slack[c] = reduced;
          previous[c] = column;
        }
        if (slack[c] < least) {
          least = slack[c];
          nearest = c;
        }
      }
      for (int64_t c = 0; c <= columns; ++c) {
        if (visited[c]) {
          row_potential[row_of[c]] += least;
          column_potential[c] -= least;
        } else if (c < columns) {
          slack[c] -= least;
        }
      }
      column = nearest;
    }
    for (; column != columns; column = previous[column])
      row_of[column] = row_of[previous[column]];
  }
  row_of.pop_back();
  return row_of;
}

}  // namespace

std::vector<int64_t> best_assignment(const Tensor& gain) {
  require<ArgumentError>(gain.defined() && gain.dim() == 2 && at::isfinite(gain).all().item<bool>(),
                         "assignment: the gains must be a matrix of finite numbers");
  Tensor cost = -gain.to(at::kDouble);
  const bool wide = cost.size(0) <= cost.size(1);
  if (!wide) cost = cost.t();
  std::vector<int64_t> matched = cheapest_rows(cost.accessor<double, 2>());
  if (!wide) return matched;  // columns of the transposed problem are the rows asked about
  std::vector<int64_t> columns(static_cast<size_t>(gain.size(0)), -1);
  for (size_t c = 0; c < matched.size(); ++c) {
    if (matched[c] >= 0) columns[static_cast<size_t>(matched[c])] = static_cast<int64_t>(c);
  }
  return columns;
}

}  // namespace cleave::metrics
