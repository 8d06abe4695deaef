#include <algorithm>
#include <cmath>
#include <vector>

#include "cleave/classical/processors.h"
#include "cleave/classical/row_tiles.h"
#include "cleave/classical/spanning_trees.h"

namespace cleave::classical {

namespace {

struct Extent {
  double low, high;
};

/// Lowers keys to the reachability from the newest point; returns the least and the largest of the keys.
/// Everything squared.
CLEAVE_FOR_EVERY_PROCESSOR
Extent lower_keys(const double* squares, const double* cores, double newest_core, int64_t newest, int64_t count,
                  double* keys, int64_t* sources) {
  double low = kInfinity, high = 0;
#pragma omp simd reduction(min : low) reduction(max : high)
  for (int64_t i = 0; i < count; ++i) {
    double reach = squares[i] > cores[i] ? squares[i] : cores[i];
    reach = reach > newest_core ? reach : newest_core;
    bool nearer = reach < keys[i];
    double key = nearer ? reach : keys[i];
    sources[i] = nearer ? newest : sources[i];
    keys[i] = key;
    low = key < low ? key : low;
    high = key > high ? key : high;
  }
  return {low, high};
}

/// Prim's algorithm on balls of points. Lengths are squared until the end.
class Prim {
 public:
  Prim(const Tensor& x, const Tensor& squared_cores)
      : n_(x.size(0)),
        width_(x.size(1)),
        order_(spatial_order(x, kBallSize)),
        points_(x.index_select(0, order_)),
        tiles_(points_),
        balls_(enclosing_balls(points_, kBallSize)),
        centres_(balls_.centres),
        ids_(order_.const_data_ptr<int64_t>(), order_.const_data_ptr<int64_t>() + n_),
        keys_(static_cast<size_t>(n_), kInfinity),
        cores_(static_cast<size_t>(n_), 0.0),
        sources_(static_cast<size_t>(n_), 0),
        point_(static_cast<size_t>(width_)) {
    points_ = Tensor();
    if (squared_cores.defined()) {
      const Tensor squares = squared_cores.to(at::kDouble).contiguous();
      for (size_t i = 0; i < cores_.size(); ++i)
        cores_[i] = squares.const_data_ptr<double>()[ids_[i]];
    }
    for (int64_t first = 0; first < n_; first += kBallSize)
      leaves_.push_back({std::min(kBallSize, n_ - first), {kInfinity, kInfinity}});
    to_centres_.resize(static_cast<size_t>(centres_.tiles() * RowTiles::kRows));
  }

  SpanningTree operator()(const ShouldStop& should_stop) {
    SpanningTree tree{at::empty({n_ - 1}, at::kLong), at::empty({n_ - 1}, at::kLong), at::empty({n_ - 1}, at::kDouble)};
    auto first = std::find(ids_.begin(), ids_.end(), 0) - ids_.begin();
    Newest newest = take(first);
    for (int64_t step = 0; step < n_ - 1; ++step) {
      if (step % 256 == 0) stop_if_asked(should_stop, "spanning tree");
      reach_from(newest);
      int64_t next = nearest();
      tree.from.data_ptr<int64_t>()[step] = sources_[static_cast<size_t>(next)];
      tree.lengths.data_ptr<double>()[step] = std::sqrt(keys_[static_cast<size_t>(next)]);
      newest = take(next);
      tree.to.data_ptr<int64_t>()[step] = newest.id;
    }
    return tree;
  }

 private:
  struct Leaf {
    int64_t count;  // points not yet in the tree, in front
    Extent keys;
  };
  struct Newest {
    int64_t id;
    double core;
  };

  /// Removes the point at `place` from its ball and makes it the one to reach from.
  Newest take(int64_t place) {
    tiles_.get_row(place, point_.data());
    auto at = static_cast<size_t>(place);
    Newest taken{ids_[at], cores_[at]};
    Leaf& leaf = leaves_[static_cast<size_t>(place / kBallSize)];
    int64_t last = place / kBallSize * kBallSize + --leaf.count;
    auto end = static_cast<size_t>(last);
    if (last != place) tiles_.copy_row(last, place);
    ids_[at] = ids_[end];
    keys_[at] = keys_[end];
    cores_[at] = cores_[end];
    sources_[at] = sources_[end];
    leaf.keys = {kInfinity, 0};
    for (auto i = static_cast<size_t>(place / kBallSize * kBallSize); i < end; ++i) {
      leaf.keys.low = std::min(leaf.keys.low, keys_[i]);
      leaf.keys.high = std::max(leaf.keys.high, keys_[i]);
    }
    return taken;
  }

  void reach_from(const Newest& newest) {
    centres_.squared_distances(point_.data(), 0, centres_.tiles(), to_centres_.data());
    const auto* radii = balls_.radii.const_data_ptr<double>();
    double squares[kBallSize];
    for (size_t i = 0; i < leaves_.size(); ++i) {
      Leaf& leaf = leaves_[i];
      if (leaf.count == 0 || newest.core >= leaf.keys.high) continue;
      double nearest_member = std::sqrt(to_centres_[i]) * (1 - 1e-12) - radii[i];
      if (nearest_member > 0 && nearest_member * nearest_member >= leaf.keys.high) continue;
      int64_t first = static_cast<int64_t>(i) * kBallSize, tile = first / RowTiles::kRows;
      tiles_.squared_distances(point_.data(), tile, tile + (leaf.count + RowTiles::kRows - 1) / RowTiles::kRows,
                               squares);
      leaf.keys = lower_keys(squares, cores_.data() + first, newest.core, newest.id, leaf.count, keys_.data() + first,
                             sources_.data() + first);
    }
  }

  /// Place of the point nearest to the tree; of equally near ones the one that comes first in the data.
  int64_t nearest() const {
    double low = kInfinity;
    for (const Leaf& leaf : leaves_)
      if (leaf.count > 0) low = std::min(low, leaf.keys.low);
    int64_t best = -1;
    for (size_t number = 0; number < leaves_.size(); ++number) {
      if (leaves_[number].count == 0 || leaves_[number].keys.low != low) continue;
      auto first = static_cast<int64_t>(number) * kBallSize;
      for (int64_t i = first; i < first + leaves_[number].count; ++i) {
        auto at = static_cast<size_t>(i);
        if (keys_[at] == low && (best < 0 || ids_[at] < ids_[static_cast<size_t>(best)])) best = i;
      }
    }
    return best;
  }

  int64_t n_, width_;
  Tensor order_, points_;
  RowTiles tiles_;
  Balls balls_;
  RowTiles centres_;
  std::vector<int64_t> ids_;
  std::vector<double> keys_, cores_;  // squared
  std::vector<int64_t> sources_;
  std::vector<Leaf> leaves_;
  std::vector<double> point_, to_centres_;
};

}  // namespace

SpanningTree prim_tree(const Tensor& x, const Tensor& squared_cores, const ShouldStop& should_stop) {
  return Prim(x, squared_cores)(should_stop);
}

}  // namespace cleave::classical
