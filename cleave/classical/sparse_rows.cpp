#include "cleave/classical/sparse_rows.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/classical/fixed_blocks.h"

namespace cleave::classical {

namespace {

constexpr int64_t kRowsAtOnce = 256;

/// The lists of each row, and those of its column: who has i in its list, by rising index.
class BothWays {
 public:
  BothWays(const Tensor& indices, const Tensor& values) : n_(indices.size(0)), k_(indices.size(1)) {
    Tensor order;
    std::tie(sorted_, order) = indices.sort(1);
    given_ = values.to(at::kDouble).gather(1, order);
    out_ = sorted_.const_data_ptr<int64_t>();
    value_ = given_.const_data_ptr<double>();
    back_start_.assign(static_cast<size_t>(n_) + 1, 0);
    for (int64_t e = 0; e < n_ * k_; ++e)
      ++back_start_[static_cast<size_t>(out_[e]) + 1];
    std::partial_sum(back_start_.begin(), back_start_.end(), back_start_.begin());
    back_.resize(static_cast<size_t>(n_ * k_));
    std::vector<int64_t> next(back_start_.begin(), back_start_.end() - 1);
    for (int64_t e = 0; e < n_ * k_; ++e)
      back_[static_cast<size_t>(next[static_cast<size_t>(out_[e])]++)] = {e / k_, value_[e]};
  }

  /// Calls emit(column, a_ij, a_ji) for the union of both lists of row i, by rising column.
  template <class Emit>
  void merge(int64_t i, const Emit& emit) const {
    int64_t a = i * k_, a_end = a + k_;
    auto b = back_.begin() + back_start_[static_cast<size_t>(i)];
    auto b_end = back_.begin() + back_start_[static_cast<size_t>(i) + 1];
    while (a < a_end || b < b_end) {
      int64_t from_a = a < a_end ? out_[a] : n_, from_b = b < b_end ? b->row : n_;
      int64_t column = std::min(from_a, from_b);
      double there = from_a == column ? value_[a++] : 0, back = from_b == column ? (b++)->value : 0;
      emit(column, there, back);
    }
  }

 private:
  struct Entry {
    int64_t row;
    double value;
  };
  int64_t n_, k_;
  Tensor sorted_, given_;
  const int64_t* out_;
  const double* value_;
  std::vector<int64_t> back_start_;
  std::vector<Entry> back_;
};

}  // namespace

SparseRows symmetrised(const Tensor& indices, const Tensor& values, at::ScalarType type,
                       const std::function<double(double, double)>& combine) {
  require<ArgumentError>(indices.dim() == 2 && values.sizes() == indices.sizes(),
                         "neighbours: as many values as indices are needed, [N, k]");
  const int64_t n = indices.size(0);
  require<ArgumentError>(n <= std::numeric_limits<int32_t>::max(), "neighbours: {} examples are too many", n);
  const BothWays lists(indices, values);
  SparseRows result{at::zeros({n + 1}, at::kLong), {}, {}};
  auto* starts = result.starts.data_ptr<int64_t>();
  for_fixed_blocks(n, kRowsAtOnce, [&](int64_t, RowRange rows) {
    for (int64_t i = rows.first; i < rows.last; ++i)
      lists.merge(i, [&](int64_t, double there, double back) { starts[i + 1] += combine(there, back) != 0; });
  });
  std::partial_sum(starts, starts + n + 1, starts);
  result.columns = at::empty({starts[n]}, at::kInt);
  result.values = at::empty({starts[n]}, type);
  auto* columns = result.columns.data_ptr<int32_t>();
  AT_DISPATCH_FLOATING_TYPES(type, "symmetrised", [&] {
    auto* combined = result.values.data_ptr<scalar_t>();
    for_fixed_blocks(n, kRowsAtOnce, [&](int64_t, RowRange rows) {
      for (int64_t i = rows.first; i < rows.last; ++i) {
        int64_t e = starts[i];
        lists.merge(i, [&](int64_t column, double there, double back) {
          double value = combine(there, back);
          if (value == 0) return;
          columns[e] = static_cast<int32_t>(column);
          combined[e++] = static_cast<scalar_t>(value);
        });
      }
    });
  });
  return result;
}

Tensor connected_components(const Tensor& starts, const Tensor& columns) {
  const Tensor neighbours = columns.to(at::kLong);
  const auto* start = starts.const_data_ptr<int64_t>();
  const auto* neighbour = neighbours.const_data_ptr<int64_t>();
  const int64_t n = starts.size(0) - 1;
  Tensor result = at::full({n}, -1, at::kLong);
  auto* component = result.data_ptr<int64_t>();
  std::vector<int64_t> waiting;
  for (int64_t first = 0, count = 0; first < n; ++first) {
    if (component[first] >= 0) continue;
    component[first] = count;
    waiting.push_back(first);
    while (!waiting.empty()) {
      const int64_t i = waiting.back();
      waiting.pop_back();
      for (int64_t e = start[i]; e < start[i + 1]; ++e) {
        const int64_t j = neighbour[e];
        if (component[j] >= 0) continue;
        component[j] = count;
        waiting.push_back(j);
      }
    }
    ++count;
  }
  return result;
}

Tensor times(const SparseRows& matrix, const Tensor& x) {
  const Tensor values = matrix.values.to(at::kFloat).contiguous(), right = x.to(at::kFloat).contiguous();
  Tensor result = at::zeros_like(right);
  const int64_t width = x.size(1);
  const auto* starts = matrix.starts.const_data_ptr<int64_t>();
  const auto* columns = matrix.columns.const_data_ptr<int32_t>();
  const auto* weights = values.const_data_ptr<float>();
  const auto* from = right.const_data_ptr<float>();
  auto* to = result.mutable_data_ptr<float>();
  at::parallel_for(0, matrix.rows(), kRowsAtOnce, [&](int64_t begin, int64_t end) {
    for (int64_t e = starts[begin], row = begin; row < end; ++row) {
      float* sum = to + row * width;
      for (; e < starts[row + 1]; ++e) {
        const float* other = from + int64_t{columns[e]} * width;
        for (int64_t k = 0; k < width; ++k)
          sum[k] += weights[e] * other[k];
      }
    }
  });
  return result;
}

namespace {

template <class T>
void visit_heaviest_first(const SparseRows& matrix, int64_t* order) {
  struct Offer {
    T weight;
    int64_t row;
    bool operator<(const Offer& other) const {
      return weight != other.weight ? weight < other.weight : row > other.row;
    }
  };
  const auto n = static_cast<size_t>(matrix.rows());
  const auto* starts = matrix.starts.const_data_ptr<int64_t>();
  const auto* columns = matrix.columns.const_data_ptr<int32_t>();
  const auto* values = matrix.values.const_data_ptr<T>();
  std::vector<bool> taken(n);
  std::vector<T> best(n, -std::numeric_limits<T>::infinity());
  std::priority_queue<Offer> offers;
  size_t count = 0;
  for (size_t first = 0; first < n; ++first) {  // once per connected part
    if (!taken[first]) offers.push({T(0), static_cast<int64_t>(first)});
    while (!offers.empty()) {
      const int64_t row = offers.top().row;
      offers.pop();
      if (taken[static_cast<size_t>(row)]) continue;
      taken[static_cast<size_t>(row)] = true;
      order[count++] = row;
      for (int64_t e = starts[row]; e < starts[row + 1]; ++e) {
        const auto other = static_cast<size_t>(columns[e]);
        if (taken[other] || values[e] <= best[other]) continue;
        best[other] = values[e];
        offers.push({values[e], columns[e]});
      }
    }
  }
}

template <class T>
void fill_reordered(const SparseRows& from, const int64_t* order, const int64_t* rank, SparseRows& to) {
  const auto* from_starts = from.starts.const_data_ptr<int64_t>();
  const auto* from_columns = from.columns.const_data_ptr<int32_t>();
  const auto* from_values = from.values.const_data_ptr<T>();
  const auto* starts = to.starts.const_data_ptr<int64_t>();
  auto* columns = to.columns.data_ptr<int32_t>();
  auto* values = to.values.data_ptr<T>();
  for_fixed_blocks(from.rows(), kRowsAtOnce, [&](int64_t, RowRange rows) {
    std::vector<std::pair<int32_t, T>> row;
    for (int64_t r = rows.first; r < rows.last; ++r) {
      row.clear();
      for (int64_t e = from_starts[order[r]]; e < from_starts[order[r] + 1]; ++e)
        row.emplace_back(static_cast<int32_t>(rank[from_columns[e]]), from_values[e]);
      std::sort(row.begin(), row.end());
      for (int64_t e = starts[r]; e < starts[r + 1]; ++e)
        std::tie(columns[e], values[e]) = row[static_cast<size_t>(e - starts[r])];
    }
  });
}

}  // namespace

Tensor neighbourly_order(const SparseRows& matrix) {
  Tensor order = at::empty({matrix.rows()}, at::kLong);
  AT_DISPATCH_FLOATING_TYPES(matrix.values.scalar_type(), "neighbourly_order",
                             [&] { visit_heaviest_first<scalar_t>(matrix, order.data_ptr<int64_t>()); });
  return order;
}

SparseRows reordered(const SparseRows& matrix, const Tensor& order) {
  const int64_t n = matrix.rows();
  const Tensor rank = at::empty_like(order).index_copy_(0, order, at::arange(n));
  const Tensor lengths = matrix.starts.slice(0, 1) - matrix.starts.slice(0, 0, n);
  SparseRows result{at::zeros({n + 1}, at::kLong), at::empty_like(matrix.columns), at::empty_like(matrix.values)};
  result.starts.slice(0, 1).copy_(lengths.index_select(0, order).cumsum(0));
  AT_DISPATCH_FLOATING_TYPES(matrix.values.scalar_type(), "reordered", [&] {
    fill_reordered<scalar_t>(matrix, order.const_data_ptr<int64_t>(), rank.const_data_ptr<int64_t>(), result);
  });
  return result;
}

}  // namespace cleave::classical
