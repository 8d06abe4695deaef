#include "cleave/classical/rows.h"

#include <algorithm>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"

namespace cleave::classical {

Tensor checked_matrix(const Tensor& x, const char* who) {
  require<ArgumentError>(x.defined() && x.dim() == 2 && x.size(0) > 0 && x.size(1) > 0,
                         "{}: the data must be a matrix with at least one row and one column", who);
  require<ArgumentError>(x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble,
                         "{}: the data must be float32 or float64, not {}", who, toString(x.scalar_type()));
  return x.detach().cpu().contiguous();
}

int64_t block_rows(int64_t columns) {
  return std::clamp<int64_t>((int64_t{1} << 18) / columns, 64, 4096);
}

int64_t part_count(int64_t rows) {
  return std::min<int64_t>(rows, at::get_num_threads());
}

void for_each_block(int64_t rows, int64_t block, const std::function<void(int64_t, RowRange)>& work) {
  int64_t parts = part_count(rows);
  at::parallel_for(0, parts, /*grain_size=*/1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      int64_t last = rows * (part + 1) / parts;
      for (int64_t first = rows * part / parts; first < last; first += block) {
        work(part, {first, std::min(first + block, last)});
      }
    }
  });
}

Tensor column_means(const Tensor& x) {
  Tensor sums = at::zeros({part_count(x.size(0)), x.size(1)}, at::kDouble);
  for_each_block(x.size(0), block_rows(x.size(1)), [&](int64_t part, RowRange rows) {
    sums[part] += x.slice(0, rows.first, rows.last).to(at::kDouble).sum(0);
  });
  return sums.sum(0) / x.size(0);
}

void stop_if_asked(const ShouldStop& should_stop, const char* who) {
  if (should_stop && should_stop()) throw Interrupted(fmt::format("{}: stopped as asked", who));
}

Tensor squared_distances(const Tensor& x, const Tensor& centres) {
  Tensor origin = centres.mean(0);
  Tensor a = x - origin, b = centres - origin;
  Tensor squares = a.square().sum(1, /*keepdim=*/true) + b.square().sum(1);
  return squares.addmm_(a, b.t(), /*beta=*/1, /*alpha=*/-2).clamp_min_(0);
}

}  // namespace cleave::classical
