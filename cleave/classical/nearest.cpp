#include "cleave/classical/nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/classical/score_tiles.h"

namespace cleave::classical {

namespace {

/// Each block of queries against all rows.
template <class T>
void search(const Tensor& queries, const Tensor& x, const Tensor& origin, int64_t k, int64_t wanted,
            bool leave_self_out, const ShouldStop& should_stop, Neighbours& result) {
  const Centred a(queries, origin), b(x, origin);
  const int64_t width = x.size(1), blocks = blocks_in(queries.size(0));
  const std::vector<T> no_limits(kBlock, -std::numeric_limits<T>::infinity());
  const T* query_rows = queries.const_data_ptr<T>();
  const T* rows = x.const_data_ptr<T>();
  auto* indices = result.indices.data_ptr<int64_t>();
  auto* distances = result.distances.data_ptr<double>();
  // Blocks in waves of one per thread, so that should_stop is asked on the calling thread.
  for (int64_t wave = 0; wave < blocks; wave += at::get_num_threads()) {
    stop_if_asked(should_stop, "nearest neighbours");
    at::parallel_for(wave, std::min<int64_t>(wave + at::get_num_threads(), blocks), 1, [&](int64_t begin, int64_t end) {
      Tile<T> tile;
      std::vector<std::pair<double, int64_t>> room;
      for (int64_t block = begin; block < end; ++block) {
        RowRange mine = block_of(block, queries.size(0));
        Shortlist<T> lists(mine.size(), wanted);
        const Tensor doubled = a.x.slice(0, mine.first, mine.last) * -2;
        for (int64_t other = 0; other < blocks_in(x.size(0)); ++other) {
          RowRange columns = block_of(other, x.size(0));
          tile.compute(doubled, a.squares.const_data_ptr<T>() + mine.first, b, columns);
          for (int64_t i = 0; i < mine.size(); ++i) {
            tile.scan(i, 0, lists.limits()[i], no_limits.data(), [&](int64_t row, int64_t j, T score) {
              if (!leave_self_out || mine.first + row != columns.first + j)
                lists.offer(row, score, static_cast<int32_t>(columns.first + j));
            });
          }
        }
        for (int64_t i = 0; i < mine.size(); ++i) {
          int64_t q = mine.first + i;
          settle<T>(query_rows + q * width, rows, width, lists.list(i), k, room, indices + q * k, distances + q * k);
        }
      }
    });
  }
}

/// All rows against each other, each pair once. Blocks meet as the teams of a tournament do: in every round each block
/// is in one match, so that no two threads write to one list.
template <class T>
void search_within(const Tensor& x, const Tensor& origin, int64_t k, int64_t wanted, const ShouldStop& should_stop,
                   Neighbours& result) {
  const int64_t n = x.size(0), width = x.size(1), blocks = blocks_in(n);
  const Centred centred(x, origin);
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
  const T* rows = x.const_data_ptr<T>();
  auto* indices = result.indices.data_ptr<int64_t>();
  auto* distances = result.distances.data_ptr<double>();
  at::parallel_for(0, blocks, 1, [&](int64_t begin, int64_t end) {
    std::vector<std::pair<double, int64_t>> room;
    for (int64_t i = begin * kBlock; i < std::min(end * kBlock, n); ++i)
      settle<T>(rows + i * width, rows, width, lists.list(i), k, room, indices + i * k, distances + i * k);
  });
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
  Neighbours result{at::empty({queries.size(0), k}, at::kLong), at::empty({queries.size(0), k}, at::kDouble)};
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "nearest", [&] {
    Tensor origin = column_means(x).to(x.scalar_type());
    require<DataError>(all_finite(origin) && all_finite(queries.sum()),
                       "nearest neighbours: the data hold values that are not finite or too large");
    // The tournament needs the lists of all rows at once.
    const bool roomy = n * (2 * wanted + 16) < (int64_t{1} << 28);
    if (leave_self_out && roomy) {
      search_within<scalar_t>(x, origin, k, wanted, should_stop, result);
    } else {
      search<scalar_t>(queries, x, origin, k, wanted, leave_self_out, should_stop, result);
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
