#include "cleave/classical/neighbour_graph.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/classical/score_tiles.h"

namespace cleave::classical {

namespace {

constexpr int64_t kExactBelow = 50000;  // examples; about where both take equally long, at 50 columns
constexpr int64_t kCell = 256;          // examples per cell, on average
constexpr int64_t kSampled = 24;        // examples per cell that place its centre
constexpr int64_t kRounds = 4;          // of k-means
constexpr int64_t kMostBlocks = 16;     // of a cell; only heaps of equal examples are larger

/// Cells that are searched for an example.
int64_t searched_cells(int64_t k, int64_t cells) {
  return std::min(cells, 16 + k / 8);
}

/// Centres [cells, X] of k-means on a part of the rows of x.
Tensor cell_centres(const Tensor& x, int64_t cells, const Randomness& random, const ShouldStop& should_stop) {
  const int64_t sampled = std::min(x.size(0), cells * kSampled), width = x.size(1);
  Tensor chosen = at::randperm(x.size(0), random.stream("cells"), at::kLong).slice(0, 0, sampled);
  Tensor sample = x.index_select(0, chosen), precise = sample.to(at::kDouble);
  Tensor centres = sample.slice(0, 0, cells).clone();
  for (int64_t round = 0; round < kRounds; ++round) {
    Tensor cell = nearest(sample, centres, 1, /*leave_self_out=*/false, should_stop).indices.flatten();
    Tensor sums = at::zeros({cells, width}, at::kDouble), counts = at::zeros({cells, 1}, at::kDouble);
    auto* sum = sums.data_ptr<double>();
    auto* count = counts.data_ptr<double>();
    for (int64_t i = 0; i < sampled; ++i) {
      const int64_t c = cell.const_data_ptr<int64_t>()[i];
      const double* row = precise.const_data_ptr<double>() + i * width;
      ++count[c];
      for (int64_t d = 0; d < width; ++d)
        sum[c * width + d] += row[d];
    }
    centres = at::where(counts > 0, (sums / counts.clamp_min(1)).to(centres.scalar_type()), centres);
  }
  return centres;
}

/// Rows cut into cells, each cell into blocks, in the order of cells.
struct Cells {
  std::vector<int64_t> order;    ///< [N], the row that stands at each place
  std::vector<RowRange> blocks;  ///< places of each block, at most kBlock
  std::vector<int64_t> begins;   ///< [cells + 1], the first block of each cell

  /// searched [N, C] int64: the cells searched for each row, its own first.
  Cells(const Tensor& searched, int64_t count) : order(static_cast<size_t>(searched.size(0))) {
    const auto* cell = searched.const_data_ptr<int64_t>();
    const int64_t n = searched.size(0), columns = searched.size(1);
    std::vector<int64_t> next(static_cast<size_t>(count) + 1, 0);
    for (int64_t i = 0; i < n; ++i)
      ++next[static_cast<size_t>(cell[i * columns]) + 1];
    for (size_t c = 0; c < static_cast<size_t>(count); ++c)
      next[c + 1] += next[c];
    for (size_t c = 0; c < static_cast<size_t>(count); ++c) {
      begins.push_back(static_cast<int64_t>(blocks.size()));
      for (int64_t first = next[c]; first < next[c + 1]; first += kBlock)
        blocks.push_back({first, std::min(first + kBlock, next[c + 1])});
    }
    begins.push_back(static_cast<int64_t>(blocks.size()));
    for (int64_t i = 0; i < n; ++i)
      order[static_cast<size_t>(next[static_cast<size_t>(cell[i * columns])]++)] = i;
  }
};

/// Each block of rows against the cells that are searched for any of them; about the centre of the cell, because
/// products blur distances by a part of the norms. `centres` [cells, X].
template <class T>
void search_cells(const Tensor& x, const Tensor& centres, const Tensor& searched, const Cells& cells, int64_t k,
                  const ShouldStop& should_stop, Neighbours& result) {
  const int64_t width = x.size(1), columns = searched.size(1);
  const int64_t wanted = std::min(k + kSpare, x.size(0) - 1);
  Tensor order = at::from_blob(const_cast<int64_t*>(cells.order.data()), {x.size(0)}, at::kLong);
  Tensor about_centres = x.index_select(0, order);
  for (size_t c = 0; c + 1 < cells.begins.size(); ++c) {
    if (cells.begins[c] == cells.begins[c + 1]) continue;
    const auto first = static_cast<size_t>(cells.begins[c]), last = static_cast<size_t>(cells.begins[c + 1]) - 1;
    about_centres.slice(0, cells.blocks[first].first, cells.blocks[last].last).sub_(centres[static_cast<int64_t>(c)]);
  }
  const Centred sorted(about_centres);
  const std::vector<T> no_limits(kBlock, -std::numeric_limits<T>::infinity());
  const T* rows = x.const_data_ptr<T>();
  const T* centre_rows = centres.const_data_ptr<T>();
  const auto* cell = searched.const_data_ptr<int64_t>();
  auto* indices = result.indices.data_ptr<int64_t>();
  auto* distances = result.distances.data_ptr<double>();

  auto search_block = [&](int64_t b, Tile<T>& tile, Tensor& room) {
    const RowRange mine = cells.blocks[static_cast<size_t>(b)];
    Shortlist<T> lists(mine.size(), wanted);
    std::vector<std::pair<int64_t, int64_t>> visits;  // which cell, by which row of the block
    for (int64_t i = 0; i < mine.size(); ++i) {
      for (int64_t c = 0; c < columns; ++c)
        visits.emplace_back(cell[cells.order[static_cast<size_t>(mine.first + i)] * columns + c], i);
    }
    std::sort(visits.begin(), visits.end());
    std::vector<T> visitor_squares(kBlock);
    for (size_t first = 0, last = 0; first < visits.size(); first = last) {
      while (last < visits.size() && visits[last].first == visits[first].first)
        ++last;
      Tensor doubled = room.slice(0, 0, static_cast<int64_t>(last - first));
      for (size_t v = first; v < last; ++v) {
        const T* from = rows + cells.order[static_cast<size_t>(mine.first + visits[v].second)] * width;
        const T* centre = centre_rows + visits[v].first * width;
        T* to = doubled.template data_ptr<T>() + static_cast<int64_t>(v - first) * width;
        T square = 0;
        for (int64_t d = 0; d < width; ++d) {
          const T difference = from[d] - centre[d];
          square += difference * difference;
          to[d] = -2 * difference;
        }
        visitor_squares[v - first] = square;
      }
      const int64_t begin = cells.begins[static_cast<size_t>(visits[first].first)];
      const int64_t count = cells.begins[static_cast<size_t>(visits[first].first) + 1] - begin;
      // Of a heap, the part from the rows' own block on.
      const int64_t skipped = b >= begin && b < begin + count ? b - begin : 0;
      for (int64_t other = 0; other < std::min(count, kMostBlocks); ++other) {
        const RowRange theirs = cells.blocks[static_cast<size_t>(begin + (skipped + other) % count)];
        tile.compute(doubled, visitor_squares.data(), sorted, theirs);
        for (size_t v = first; v < last; ++v) {
          const int64_t i = visits[v].second;
          tile.scan(static_cast<int64_t>(v - first), 0, lists.limits()[i], no_limits.data(),
                    [&](int64_t, int64_t j, T score) {
                      if (mine.first + i == theirs.first + j) return;
                      lists.offer(i, score, static_cast<int32_t>(cells.order[static_cast<size_t>(theirs.first + j)]));
                    });
        }
      }
    }
    std::vector<std::pair<double, int64_t>> near;
    for (int64_t i = 0; i < mine.size(); ++i) {
      const int64_t row = cells.order[static_cast<size_t>(mine.first + i)];
      if (lists.list(i).count < k) {  // its cells hold hardly any examples
        indices[row * k] = -1;
        continue;
      }
      settle(rows + row * width, rows, width, lists.list(i), k, near, indices + row * k, distances + row * k);
    }
  };

  const auto blocks = static_cast<int64_t>(cells.blocks.size()), wave_size = 16 * int64_t{at::get_num_threads()};
  for (int64_t wave = 0; wave < blocks; wave += wave_size) {
    stop_if_asked(should_stop, "nearest neighbours");
    at::parallel_for(wave, std::min(wave + wave_size, blocks), 1, [&](int64_t begin, int64_t end) {
      Tile<T> tile;
      Tensor room = at::empty({kBlock, width}, x.options());
      for (int64_t b = begin; b < end; ++b)
        search_block(b, tile, room);
    });
  }
}

/// Searches all of x for the rows whose first index is -1.
void complete(const Tensor& x, int64_t k, const ShouldStop& should_stop, Neighbours& result) {
  Tensor rows = (result.indices.select(1, 0) < 0).nonzero().flatten();
  if (rows.size(0) == 0) return;
  Neighbours found = nearest(x.index_select(0, rows), x, k + 1, /*leave_self_out=*/false, should_stop);
  for (int64_t r = 0; r < rows.size(0); ++r) {
    const auto row = rows[r].item<int64_t>();
    Tensor others = (found.indices[r] != row).nonzero().flatten().slice(0, 0, k);
    result.indices[row] = found.indices[r].index_select(0, others);
    result.distances[row] = found.distances[r].index_select(0, others);
  }
}

}  // namespace

Neighbours approximate_others(const Tensor& data, int64_t k, const Randomness& random, const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "nearest neighbours");
  const int64_t n = x.size(0), cells = std::max<int64_t>(1, n / kCell);
  require<ArgumentError>(k >= 1 && k <= n - 1, "nearest neighbours: {} asked of {} examples", k, n - 1);
  require<ArgumentError>(n <= std::numeric_limits<int32_t>::max(), "nearest neighbours: {} examples are too many", n);
  const Tensor centres = cell_centres(x, cells, random, should_stop);
  const Tensor searched = nearest(x, centres, searched_cells(k, cells), /*leave_self_out=*/false, should_stop).indices;
  Neighbours result{at::empty({n, k}, at::kLong), at::empty({n, k}, at::kDouble)};
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "nearest neighbours", [&] {
    search_cells<scalar_t>(x, centres, searched, Cells(searched, cells), k, should_stop, result);
  });
  complete(x, k, should_stop, result);
  return result;
}

Neighbours nearest_others(const Tensor& x, int64_t k, const Randomness& random, const ShouldStop& should_stop) {
  // Neighbourhoods of hundreds ask for much of the data anyway.
  if (x.size(0) < std::max(kExactBelow, 64 * k)) return nearest(x, x, k, /*leave_self_out=*/true, should_stop);
  return approximate_others(x, k, random, should_stop);
}

}  // namespace cleave::classical
