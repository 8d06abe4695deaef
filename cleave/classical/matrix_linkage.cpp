// Complete and average linkage on the matrix of all distances, by chains of nearest neighbours.
#include <algorithm>
#include <cmath>
#include <new>
#include <vector>

#include <unistd.h>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/classical/linkages.h"
#include "cleave/classical/row_tiles.h"

namespace cleave::classical {

namespace {

/// The distances of all pairs, row by row without what the other half says already.
template <class T>
class DistanceMatrix {
 public:
  DistanceMatrix(const Tensor& x, const ShouldStop& should_stop) : n_(x.size(0)), values_(new T[entries()]) {
    const Tensor rows = x.to(at::kDouble).contiguous();
    const RowTiles tiles(x);
    constexpr int64_t kWave = 256;
    for (int64_t wave = 0; wave < n_; wave += kWave) {
      stop_if_asked(should_stop, "agglomerative");
      at::parallel_for(wave, std::min(wave + kWave, n_), 16, [&](int64_t begin, int64_t end) {
        std::vector<double> squares(static_cast<size_t>(tiles.tiles() * RowTiles::kRows));
        for (int64_t i = begin; i < end; ++i) {
          int64_t first = (i + 1) / RowTiles::kRows;
          tiles.squared_distances(rows.const_data_ptr<double>() + i * x.size(1), first, tiles.tiles(), squares.data());
          T* out = row(i);
          for (int64_t j = i + 1; j < n_; ++j)
            out[j] = static_cast<T>(std::sqrt(squares[static_cast<size_t>(j - first * RowTiles::kRows)]));
        }
      });
    }
  }

  T& at(int64_t i, int64_t j) { return i < j ? row(i)[j] : row(j)[i]; }
  /// row(i)[j] is the distance of i and j > i.
  T* row(int64_t i) { return values_.get() + (i * n_ - i * (i + 1) / 2 - i - 1); }

 private:
  size_t entries() const { return static_cast<size_t>(n_ * (n_ - 1) / 2); }

  int64_t n_;
  std::unique_ptr<T[]> values_;
};

template <class T>
std::vector<Join> chain_joins(DistanceMatrix<T>& distances, int64_t n, Linkage linkage, const ShouldStop& should_stop) {
  std::vector<Join> joins;
  std::vector<double> sizes(static_cast<size_t>(n), 1);
  std::vector<int64_t> alive(static_cast<size_t>(n)), chain;  // alive: rising
  for (int64_t i = 0; i < n; ++i)
    alive[static_cast<size_t>(i)] = i;

  while (alive.size() > 1) {
    if (joins.size() % 256 == 0) stop_if_asked(should_stop, "agglomerative");
    if (chain.empty()) chain.push_back(alive.front());
    int64_t a, b;
    T nearest;
    for (;;) {
      // Of equally near clusters the one before in the chain comes first, so that no chain runs in a circle.
      a = chain.back();
      b = chain.size() > 1 ? chain[chain.size() - 2] : -1;
      nearest = b >= 0 ? distances.at(a, b) : std::numeric_limits<T>::infinity();
      auto middle = std::lower_bound(alive.begin(), alive.end(), a);
      for (auto i = alive.begin(); i != middle; ++i) {
        T value = distances.row(*i)[a];
        if (value < nearest) nearest = value, b = *i;
      }
      const T* row = distances.row(a);
      for (auto i = middle + 1; i != alive.end(); ++i) {
        if (row[*i] < nearest) nearest = row[*i], b = *i;
      }
      require<DataError>(b >= 0, "agglomerative: the data hold values so large that their distances are not finite");
      if (chain.size() > 1 && b == chain[chain.size() - 2]) break;
      chain.push_back(b);
    }
    chain.resize(chain.size() - 2);

    if (a > b) std::swap(a, b);
    joins.push_back({a, b, static_cast<double>(nearest)});
    alive.erase(std::lower_bound(alive.begin(), alive.end(), a));
    const double size_a = sizes[static_cast<size_t>(a)], size_b = sizes[static_cast<size_t>(b)];
    for (int64_t i : alive) {  // Lance and Williams
      if (i == b) continue;
      T &from_b = distances.at(i, b), from_a = distances.at(i, a);
      if (linkage == Linkage::kComplete)
        from_b = std::max(from_a, from_b);
      else
        from_b = static_cast<T>((size_a * from_a + size_b * from_b) / (size_a + size_b));
    }
    sizes[static_cast<size_t>(b)] += size_a;
  }
  return joins;
}

double machine_memory() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
}

}  // namespace

std::vector<Join> matrix_joins(const Tensor& x, Linkage linkage, double memory, const ShouldStop& should_stop) {
  const auto n = static_cast<double>(x.size(0));
  const double needed = n * (n - 1) / 2 * static_cast<double>(x.element_size());
  const double there = memory > 0 ? memory : 0.75 * machine_memory();
  const std::string too_large = fmt::format(
      "agglomerative: {} linkage of {} examples needs a matrix of {:.1f} GiB, more than there is; take linkage ward or "
      "single, which need none, or let only neighbours merge (connectivity 15)",
      linkage == Linkage::kComplete ? "complete" : "average", x.size(0), needed / (1 << 30));
  require<ArgumentError>(needed <= there, "{}", too_large);
  try {
    std::vector<Join> joins;
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "agglomerative", [&] {
      DistanceMatrix<scalar_t> distances(x, should_stop);
      joins = chain_joins(distances, x.size(0), linkage, should_stop);
    });
    return joins;
  } catch (const std::bad_alloc&) {
    throw ArgumentError(too_large);
  }
}

}  // namespace cleave::classical
