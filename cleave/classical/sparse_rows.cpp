#include "cleave/classical/sparse_rows.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <vector>

#include <ATen/Dispatch.h>

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

}  // namespace cleave::classical
