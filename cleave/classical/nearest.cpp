#include "cleave/classical/nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/classical/score_tiles.h"

namespace cleave::classical {

namespace {

/// Neighbours, and for which queries another row, left off the list for its score, may yet be nearer: [Q] bool.
struct Found {
  Neighbours neighbours;
  Tensor doubtful;
  Found(int64_t queries, int64_t k)
      : neighbours{at::empty({queries, k}, at::kLong), at::empty({queries, k}, at::kDouble)},
        doubtful(at::zeros({queries}, at::kBool)) {}
};

/// The k nearest of a list, and whether they are sure to be. A row nearer than the k-th, at distance d from a query a,
/// has a norm of at most |a| + d, and so a score of at most d^2 and the rounding that goes with such norms.
template <class Score, class T>
class Settling {
 public:
  Settling(const Tensor& queries, const Tensor& x, int64_t k, int64_t wanted, Found& found)
      : queries_(queries.const_data_ptr<T>()),
        rows_(x.const_data_ptr<T>()),
        width_(x.size(1)),
        k_(k),
        wanted_(wanted),
        is_exhaustive_(wanted < k + kSpare),
        slack_(score_slack<Score>(width_)),
        indices_(found.neighbours.indices.data_ptr<int64_t>()),
        distances_(found.neighbours.distances.data_ptr<double>()),
        doubtful_(found.doubtful.data_ptr<bool>()) {}

  void operator()(int64_t query, Score square, typename Shortlist<Score>::List list) {
    double* distances = distances_ + query * k_;
    settle(queries_ + query * width_, rows_, width_, list, k_, room_, indices_ + query * k_, distances);
    if (list.count < wanted_ || is_exhaustive_) return;
    const double farthest = std::max_element(list.candidates, list.candidates + list.count)->score;
    const double d = distances[k_ - 1], norm = std::sqrt(static_cast<double>(square)) + d;
    doubtful_[query] = farthest < d * d + slack_ * (static_cast<double>(square) + norm * norm);
  }

 private:
  const T *queries_, *rows_;
  int64_t width_, k_, wanted_;
  bool is_exhaustive_;
  double slack_;
  int64_t* indices_;
  double* distances_;
  bool* doubtful_;
  std::vector<std::pair<double, int64_t>> room_;
};

/// Each block of queries against all rows, by scores of type Score; `self` [Q] int64, or undefined, is the row that is
/// no neighbour of each.
template <class Score, class T>
Found search(const Tensor& queries, const Tensor& x, const Tensor& origin, int64_t k, int64_t wanted,
             const Tensor& self, const ShouldStop& should_stop) {
  constexpr bool kAsStored = std::is_same_v<Score, T>;
  const auto type = c10::CppTypeToScalarType<Score>::value;
  Found result(queries.size(0), k);
  const std::optional<Centred> whole = kAsStored ? std::optional<Centred>(x - origin) : std::nullopt;
  const int64_t blocks = blocks_in(queries.size(0));
  const std::vector<Score> no_limits(kBlock, -std::numeric_limits<Score>::infinity());
  const int64_t* own = self.defined() ? self.const_data_ptr<int64_t>() : nullptr;
  // Blocks in waves of one per thread, so that should_stop is asked on the calling thread.
  for (int64_t wave = 0; wave < blocks; wave += at::get_num_threads()) {
    stop_if_asked(should_stop, "nearest neighbours");
    at::parallel_for(wave, std::min<int64_t>(wave + at::get_num_threads(), blocks), 1, [&](int64_t begin, int64_t end) {
      Tile<Score> tile;
      Settling<Score, T> settle_row(queries, x, k, wanted, result);
      for (int64_t block = begin; block < end; ++block) {
        RowRange mine = block_of(block, queries.size(0));
        Shortlist<Score> lists(mine.size(), wanted);
        const Centred a(queries.slice(0, mine.first, mine.last).to(type) - origin.to(type));
        const Tensor doubled = a.x * -2;
        const auto* squares = a.squares.const_data_ptr<Score>();
        for (int64_t other = 0; other < blocks_in(x.size(0)); ++other) {
          const RowRange columns = block_of(other, x.size(0));
          std::optional<Centred> some;  // a block at a time: a copy of all would take twice the room
          if (!kAsStored) some.emplace(x.slice(0, columns.first, columns.last).to(type) - origin.to(type));
          tile.compute(doubled, squares, some ? *some : *whole, some ? RowRange{0, columns.size()} : columns);
          for (int64_t i = 0; i < mine.size(); ++i) {
            const int64_t left_out = own == nullptr ? -1 : own[mine.first + i];
            tile.scan(i, 0, lists.limits()[i], no_limits.data(), [&](int64_t row, int64_t j, Score score) {
              if (columns.first + j != left_out) lists.offer(row, score, static_cast<int32_t>(columns.first + j));
            });
          }
        }
        for (int64_t i = 0; i < mine.size(); ++i)
          settle_row(mine.first + i, squares[i], lists.list(i));
      }
    });
  }
  return result;
}

/// All rows against each other, each pair once. Blocks meet as the teams of a tournament do: in every round each block
/// is in one match, so that no two threads write to one list.
template <class T>
Found search_within(const Tensor& x, const Tensor& origin, int64_t k, int64_t wanted, const ShouldStop& should_stop) {
  const int64_t n = x.size(0), blocks = blocks_in(n);
  Found result(n, k);
  const Centred centred(x - origin);
  const Tensor doubled = centred.x * -2;
  Shortlist<T> lists(n, wanted);
  auto match = [&](Tile<T>& tile, int64_t first, int64_t second) {
    RowRange rows = block_of(first, n), columns = block_of(second, n);
    tile.compute(doubled.slice(0, rows.first, rows.last), centred.squares.const_data_ptr<T>() + rows.first, centred,
                 columns);
    for (int64_t i = 0; i < rows.size(); ++i) {
      tile.scan(i, first == second ? i + 1 : 0, lists.limits()[rows.first + i], lists.limits() + columns.first,
                [&](int64_t row, int64_t j, T score) {
                  int64_t p = rows.first + row, q = columns.first + j;
                  lists.offer(p, score, static_cast<int32_t>(q));
                  lists.offer(q, score, static_cast<int32_t>(p));
                });
    }
  };
  at::parallel_for(0, blocks, 1, [&](int64_t begin, int64_t end) {
    Tile<T> tile;
    for (int64_t block = begin; block < end; ++block)
      match(tile, block, block);
  });
  const int64_t teams = blocks + blocks % 2;  // an odd one out has a rest
  for (int64_t round = 0; round + 1 < teams; ++round) {
    stop_if_asked(should_stop, "nearest neighbours");
    at::parallel_for(0, teams / 2, 1, [&](int64_t begin, int64_t end) {
      Tile<T> tile;
      for (int64_t pair = begin; pair < end; ++pair) {
        int64_t first = pair == 0 ? teams - 1 : (round + pair) % (teams - 1);
        int64_t second = (round + teams - 1 - pair) % (teams - 1);
        if (std::max(first, second) < blocks) match(tile, std::min(first, second), std::max(first, second));
      }
    });
  }
  at::parallel_for(0, blocks, 1, [&](int64_t begin, int64_t end) {
    Settling<T, T> settle_row(x, x, k, wanted, result);
    for (int64_t i = begin * kBlock; i < std::min(end * kBlock, n); ++i)
      settle_row(i, centred.squares.const_data_ptr<T>()[i], lists.list(i));
  });
  return result;
}

/// Whether no score of two rows that lie as far from the origin as these overflows T; false where one is not finite.
template <class T>
bool has_scores(const Tensor& rows, const Tensor& origin) {
  if (rows.size(0) == 0) return true;
  const auto [low, high] = at::aminmax(rows, /*dim=*/0);
  const double reach = at::maximum((high - origin).abs(), (low - origin).abs()).max().item<double>();
  return 8 * static_cast<double>(rows.size(1)) * reach * reach <= static_cast<double>(std::numeric_limits<T>::max());
}

}  // namespace

Neighbours nearest(const Tensor& query_rows, const Tensor& data, int64_t k, bool leave_self_out,
                   const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "nearest neighbours");
  Tensor queries = checked_matrix(query_rows, "nearest neighbours").to(x.scalar_type());
  const int64_t n = x.size(0), available = n - (leave_self_out ? 1 : 0);
  require<ArgumentError>(queries.size(1) == x.size(1), "nearest neighbours: queries have {} columns, the data {}",
                         queries.size(1), x.size(1));
  require<ArgumentError>(available >= 1, "nearest neighbours: {} examples are too few; at least {} are needed", n,
                         leave_self_out ? 2 : 1);
  require<ArgumentError>(k >= 1 && k <= available, "nearest neighbours: {} asked of {} examples", k, available);
  require<ArgumentError>(!leave_self_out || queries.size(0) == n,
                         "nearest neighbours: to leave each example out, the queries must be the data");
  require<ArgumentError>(n <= std::numeric_limits<int32_t>::max(), "nearest neighbours: {} examples are too many", n);

  const int64_t wanted = std::min(k + kSpare, available);
  Neighbours result;
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "nearest", [&] {
    const Tensor means = column_means(x), origin = means.to(x.scalar_type());
    require<DataError>(has_scores<scalar_t>(x, origin) && has_scores<scalar_t>(queries, origin),
                       "nearest neighbours: the data hold values that are not finite or too large");
    // The tournament needs the lists of all rows at once.
    const bool roomy = n * (2 * wanted + 16) < (int64_t{1} << 28);
    const Tensor self = leave_self_out ? at::arange(n, at::kLong) : Tensor();
    const Found found = leave_self_out && roomy
                            ? search_within<scalar_t>(x, origin, k, wanted, should_stop)
                            : search<scalar_t, scalar_t>(queries, x, origin, k, wanted, self, should_stop);
    result = found.neighbours;
    if constexpr (std::is_same_v<scalar_t, float>) {
      const Tensor again = found.doubtful.nonzero().flatten();
      if (again.size(0) == 0) return;
      const Neighbours sure = search<double, scalar_t>(queries.index_select(0, again), x, means, k, wanted,
                                                       self.defined() ? self.index_select(0, again) : self, should_stop)
                                  .neighbours;
      result.indices.index_copy_(0, again, sure.indices);
      result.distances.index_copy_(0, again, sure.distances);
    }
  });
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
