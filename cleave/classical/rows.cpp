#include "cleave/classical/rows.h"

#include <algorithm>
#include <optional>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/base/threads.h"
#include "cleave/classical/fixed_blocks.h"
#include "cleave/classical/lanes.h"
#include "cleave/classical/processors.h"

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

int64_t part_count(int64_t rows, int64_t values) {
  constexpr int64_t kMostValues = int64_t{1} << 25;
  return std::clamp<int64_t>(std::min(rows / 256, kMostValues / values), 1, 64);
}

namespace {

/// Parts that run beside each other have one thread each for their products. A part that is alone must have no more, or
/// the products of small data would round by the number of threads.
class OneThreadEach {
 public:
  explicit OneThreadEach(int64_t parts) {
    if (parts == 1) alone_.emplace(1);
  }

 private:
  std::optional<ThreadScope> alone_;
};

}  // namespace

void for_each_block(int64_t rows, int64_t parts, int64_t block, const std::function<void(int64_t, RowRange)>& work) {
  const OneThreadEach threads(parts);
  at::parallel_for(0, parts, /*grain_size=*/1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      int64_t last = rows * (part + 1) / parts;
      for (int64_t first = rows * part / parts; first < last; first += block) {
        work(part, {first, std::min(first + block, last)});
      }
    }
  });
}

void for_each_block(int64_t rows, int64_t block, const std::function<void(RowRange)>& work) {
  const OneThreadEach threads(fixed_block_count(rows, block));
  for_fixed_blocks(rows, block, [&](int64_t, RowRange range) { work(range); });
}

namespace {

/// sum [X] += every row, four at a time: the sums are read and written as seldom as that.
template <class T>
CLEAVE_INLINED void add_rows_of(const T* rows, int64_t count, int64_t width, double* __restrict__ sum) {
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const T *a = rows + i * width, *b = a + width, *c = b + width, *e = c + width;
    for (int64_t d = 0; d < width; ++d) {
      sum[d] += (static_cast<double>(a[d]) + static_cast<double>(b[d])) +
                (static_cast<double>(c[d]) + static_cast<double>(e[d]));
    }
  }
  for (; i < count; ++i) {
    for (int64_t d = 0; d < width; ++d)
      sum[d] += static_cast<double>(rows[i * width + d]);
  }
}
CLEAVE_FOR_EVERY_PROCESSOR
void add_rows(const float* rows, int64_t count, int64_t width, double* sum) {
  add_rows_of(rows, count, width, sum);
}
CLEAVE_FOR_EVERY_PROCESSOR
void add_rows(const double* rows, int64_t count, int64_t width, double* sum) {
  add_rows_of(rows, count, width, sum);
}

}  // namespace

Tensor column_means(const Tensor& x) {
  constexpr int64_t kPart = 4096;
  const Tensor adjacent = x.contiguous();
  const int64_t n = x.size(0), width = x.size(1);
  Tensor sums = at::zeros({fixed_block_count(n, kPart), width}, at::kDouble);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "column_means", [&] {
    const auto* values = adjacent.const_data_ptr<scalar_t>();
    auto* all_sums = sums.data_ptr<double>();
    for_fixed_blocks(n, kPart, [&](int64_t part, RowRange rows) {
      add_rows(values + rows.first * width, rows.size(), width, all_sums + part * width);
    });
  });
  Tensor total = at::zeros({width}, at::kDouble);
  for (int64_t part = 0; part < sums.size(0); ++part)
    total += sums[part];
  return total / n;
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
