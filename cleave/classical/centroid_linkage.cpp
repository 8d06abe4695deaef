// Centroid linkage in linear memory.
//
// A merged mean may lie nearer to a third cluster than either part did, so nearest neighbours do not stay: the nearest
// pair of all has to merge. Each cluster keeps a lower bound of the distance to the clusters behind it, which is looked
// up again only when it is the least of all and out of date (Mullner's generic algorithm).
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <ATen/Parallel.h>

#include "cleave/classical/linkages.h"
#include "cleave/classical/row_tiles.h"

namespace cleave::classical {

namespace {

constexpr int64_t kTilesTogether = 32;  // a piece of work for one thread

class Centroid {
 public:
  explicit Centroid(const Tensor& x)
      : n_(x.size(0)), slots_(n_), width_(x.size(1)), means_(x.to(at::kDouble)), examples_(static_cast<size_t>(n_)) {
    std::iota(examples_.begin(), examples_.end(), 0);
    sizes_.assign(static_cast<size_t>(n_), 1);
    bounds_.assign(static_cast<size_t>(n_), kInfinity);
    nearest_.assign(static_cast<size_t>(n_), -1);
    squares_.resize(static_cast<size_t>(means_.tiles() * RowTiles::kRows));
    point_.resize(static_cast<size_t>(width_));
    other_.resize(static_cast<size_t>(width_));
  }

  std::vector<Join> operator()(const ShouldStop& should_stop) {
    for (int64_t slot = 0; slot < n_; ++slot) {
      if (slot % 256 == 0) stop_if_asked(should_stop, "agglomerative");
      look_behind(slot);
    }
    while (static_cast<int64_t>(joins_.size()) < n_ - 1) {
      if (joins_.size() % 256 == 0) stop_if_asked(should_stop, "agglomerative");
      int64_t a = nearest_pair();
      merge(a, nearest_[static_cast<size_t>(a)]);
      if (2 * (n_ - static_cast<int64_t>(joins_.size())) < slots_) close_ranks();
    }
    return std::move(joins_);
  }

 private:
  bool is_alive(int64_t slot) const { return sizes_[static_cast<size_t>(slot)] > 0; }

  /// Fills squares_ from point_ to the slots of [first, last), in whole tiles.
  void measure(int64_t first, int64_t last) {
    int64_t first_tile = first / RowTiles::kRows, last_tile = (last + RowTiles::kRows - 1) / RowTiles::kRows;
    int64_t pieces = (last_tile - first_tile + kTilesTogether - 1) / kTilesTogether;
    bool few = pieces * width_ < 1 << 14;  // threads that meet at every merge cost more than they bring
    at::parallel_for(0, pieces, few ? pieces : 1, [&](int64_t begin, int64_t end) {
      int64_t from = first_tile + begin * kTilesTogether;
      int64_t to = std::min(first_tile + end * kTilesTogether, last_tile);
      means_.squared_distances(point_.data(), from, to, squares_.data() + from * RowTiles::kRows);
    });
  }

  /// Nearest of the clusters behind `slot`.
  void look_behind(int64_t slot) {
    double best = kInfinity;
    int64_t nearest = -1;
    if (slot + 1 < slots_) {
      means_.get_row(slot, point_.data());
      measure(slot + 1, slots_);
      for (int64_t other = slot + 1; other < slots_; ++other) {
        if (squares_[static_cast<size_t>(other)] < best && is_alive(other))
          best = squares_[static_cast<size_t>(other)], nearest = other;
      }
    }
    bounds_[static_cast<size_t>(slot)] = best;
    nearest_[static_cast<size_t>(slot)] = nearest;
  }

  /// The first cluster of the nearest pair; its partner is in nearest_.
  int64_t nearest_pair() {
    for (;;) {
      auto least = std::min_element(bounds_.begin(), bounds_.begin() + slots_) - bounds_.begin();
      if (nearest_[static_cast<size_t>(least)] >= 0) return least;
      look_behind(least);
    }
  }

  void merge(int64_t a, int64_t b) {
    auto from = static_cast<size_t>(a), into = static_cast<size_t>(b);
    joins_.push_back({examples_[from], examples_[into], std::sqrt(bounds_[from])});
    means_.get_row(a, other_.data());
    means_.get_row(b, point_.data());
    double share = static_cast<double>(sizes_[from]) / static_cast<double>(sizes_[from] + sizes_[into]);
    for (size_t d = 0; d < point_.size(); ++d)
      point_[d] += share * (other_[d] - point_[d]);
    means_.set_row(b, point_.data());
    sizes_[into] += sizes_[from];
    sizes_[from] = 0;
    bounds_[from] = kInfinity;
    nearest_[from] = -1;
    measure(0, b);
    for (int64_t slot = 0; slot < b; ++slot) {
      auto at = static_cast<size_t>(slot);
      if (!is_alive(slot)) continue;
      if (squares_[at] < bounds_[at]) {
        bounds_[at] = squares_[at];
        nearest_[at] = b;
      } else if (nearest_[at] == a || nearest_[at] == b) {
        nearest_[at] = -1;  // the bound holds still: all others are no nearer than it
      }
    }
    look_behind(b);
  }

  void close_ranks() {
    std::vector<int64_t> place(static_cast<size_t>(slots_), -1);
    int64_t kept = 0;
    for (int64_t slot = 0; slot < slots_; ++slot)
      if (is_alive(slot)) place[static_cast<size_t>(slot)] = kept++;
    for (int64_t slot = 0; slot < slots_; ++slot) {
      int64_t to = place[static_cast<size_t>(slot)];
      if (to < 0) continue;
      auto old = static_cast<size_t>(slot), at = static_cast<size_t>(to);
      means_.copy_row(slot, to);
      sizes_[at] = sizes_[old];
      examples_[at] = examples_[old];
      bounds_[at] = bounds_[old];
      nearest_[at] = nearest_[old] < 0 ? -1 : place[static_cast<size_t>(nearest_[old])];
    }
    slots_ = kept;
  }

  const int64_t n_;
  int64_t slots_;
  const int64_t width_;
  RowTiles means_;
  std::vector<int64_t> examples_, sizes_;
  std::vector<double> bounds_;    // squared, of the distance to the nearest cluster behind
  std::vector<int64_t> nearest_;  // that cluster; -1 when only the bound is known
  std::vector<double> squares_, point_, other_;
  std::vector<Join> joins_;
};

}  // namespace

std::vector<Join> centroid_joins(const Tensor& x, const ShouldStop& should_stop) {
  return Centroid(x)(should_stop);
}

}  // namespace cleave::classical
