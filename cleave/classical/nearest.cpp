#include "cleave/classical/nearest.h"

#include <algorithm>
#include <limits>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include "cleave/base/error.h"

namespace cleave::classical {

namespace {

/// The k smallest of a stream of scores, rising; of equal ones the first to come stays in front.
template <class T>
class Smallest {
 public:
  explicit Smallest(int64_t k) : scores_(k, std::numeric_limits<T>::infinity()), indices_(k, -1) {}

  void offer(const T* scores, int64_t count, int64_t first_index, int64_t skip) {
    for (int64_t j = 0; j < count; ++j) {
      if (scores[j] < scores_.back() && first_index + j != skip) insert(scores[j], first_index + j);
    }
  }
  const std::vector<int64_t>& indices() const { return indices_; }

 private:
  void insert(T score, int64_t index) {
    auto place = static_cast<size_t>(std::upper_bound(scores_.begin(), scores_.end(), score) - scores_.begin());
    for (size_t i = scores_.size() - 1; i > place; --i) {
      scores_[i] = scores_[i - 1];
      indices_[i] = indices_[i - 1];
    }
    scores_[place] = score;
    indices_[place] = index;
  }

  std::vector<T> scores_;
  std::vector<int64_t> indices_;
};

constexpr int64_t kQueries = 256;  // per block
constexpr int64_t kTile = 4096;    // rows of x per product: 4 MiB of float32 scores
constexpr int64_t kSpare = 8;      // candidates beyond k, since a product cannot order all but equal distances

/// Indices [q, k] of the rows of x nearest to each query of one block, by |x|^2 - 2 q.x.
template <class T>
Tensor candidates(const Tensor& queries, const Tensor& x, const Tensor& squared_norms, int64_t k, int64_t first_query,
                  bool leave_self_out) {
  const int64_t count = queries.size(0), n = x.size(0);
  std::vector<Smallest<T>> best(static_cast<size_t>(count), Smallest<T>(k));
  for (int64_t first = 0; first < n; first += kTile) {
    int64_t last = std::min(first + kTile, n);
    Tensor scores = at::addmm(squared_norms.slice(0, first, last), queries, x.slice(0, first, last).t(), 1, -2);
    const T* score = scores.const_data_ptr<T>();
    for (int64_t q = 0; q < count; ++q) {
      best[static_cast<size_t>(q)].offer(score + q * (last - first), last - first, first,
                                         leave_self_out ? first_query + q : -1);
    }
  }
  Tensor result = at::empty({count, k}, at::kLong);
  auto* out = result.data_ptr<int64_t>();
  for (const Smallest<T>& row : best)
    out = std::copy(row.indices().begin(), row.indices().end(), out);
  return result;
}

}  // namespace

Neighbours nearest(const Tensor& query_rows, const Tensor& data, int64_t k, bool leave_self_out,
                   const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "nearest neighbours");
  Tensor queries = checked_matrix(query_rows, "nearest neighbours").to(x.scalar_type());
  require<ArgumentError>(queries.size(1) == x.size(1), "nearest neighbours: queries have {} columns, the data {}",
                         queries.size(1), x.size(1));
  int64_t available = x.size(0) - (leave_self_out ? 1 : 0);
  require<ArgumentError>(k >= 1 && k <= available, "nearest neighbours: {} asked of {} examples", k, available);
  require<ArgumentError>(!leave_self_out || queries.size(0) == x.size(0),
                         "nearest neighbours: to leave each example out, the queries must be the data");

  Tensor origin = column_means(x).to(x.scalar_type());
  require<DataError>(at::isfinite(origin).all().item<bool>() && at::isfinite(queries.sum()).item<bool>(),
                     "nearest neighbours: the data hold values that are not finite or too large");
  x = x - origin;
  queries = queries - origin;
  Tensor squared_norms = x.square().sum(1);
  const int64_t wanted = std::min(k + kSpare, available);
  Neighbours result{at::empty({queries.size(0), k}, at::kLong), at::empty({queries.size(0), k}, at::kDouble)};
  // Blocks in waves of one per thread, so that should_stop is asked on the calling thread.
  for (int64_t wave = 0; wave < queries.size(0); wave += kQueries * at::get_num_threads()) {
    stop_if_asked(should_stop, "nearest neighbours");
    int64_t end = std::min(wave + kQueries * at::get_num_threads(), queries.size(0));
    for_each_block(end - wave, kQueries, [&](int64_t, RowRange rows) {
      int64_t first = wave + rows.first, last = wave + rows.last;
      Tensor block = queries.slice(0, first, last), found;
      AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "nearest", [&] {
        found = candidates<scalar_t>(block, x, squared_norms, wanted, first, leave_self_out);
      });
      found = std::get<0>(found.sort(1));  // so that a stable sort by distance puts the first of equals in front
      Tensor exact = x.index_select(0, found.flatten()).view({last - first, wanted, -1}).to(at::kDouble);
      exact = (exact - block.to(at::kDouble).unsqueeze(1)).square().sum(2).sqrt();
      auto [distances, order] = exact.sort(/*stable=*/true, /*dim=*/1, /*descending=*/false);
      result.distances.slice(0, first, last).copy_(distances.slice(1, 0, k));
      result.indices.slice(0, first, last).copy_(found.gather(1, order.slice(1, 0, k)));
    });
  }
  return result;
}

Tensor vote(const Tensor& indices, const Tensor& labels, int64_t k) {
  require<ArgumentError>(indices.dim() == 2 && k >= 1 && k <= indices.size(1), "vote: {} neighbours asked of {}", k,
                         indices.size(1));
  Tensor votes = labels.take(indices.slice(1, 0, k));
  // Sorted, the first of the longest runs is the smallest of the most frequent labels.
  return std::get<0>(votes.mode(1));
}

}  // namespace cleave::classical
