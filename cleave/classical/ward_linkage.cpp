// Ward's linkage in linear memory.
//
// Mutual nearest neighbours may merge in any order, because a merge brings no cluster nearer to any other (the linkage
// is reducible): the tree is the same. So all mutual pairs merge at once, and the clusters whose neighbour has gone are
// asked again all at once, which makes of the search a matrix product. Where that asks too often for what merges, the
// rest follows single chains of neighbours, which bounds the number of questions by a multiple of N.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <ATen/Parallel.h>

#include "cleave/classical/distance_bounds.h"
#include "cleave/classical/linkages.h"
#include "cleave/classical/processors.h"

namespace cleave::classical {

namespace {

constexpr int64_t kQueries = 128;       // per block
constexpr int64_t kWardColumns = 2048;  // per product: 1 MiB of float32 bounds
constexpr int64_t kChunk = 128;         // bounds looked at together

/// Weighted bounds n_a n_b / (n_a + n_b) * low, and the least of them.
CLEAVE_FOR_EVERY_PROCESSOR
float weigh(const float* lows, const float* sizes, float size, int64_t count, float* out) {
  float least = std::numeric_limits<float>::infinity();
#pragma omp simd reduction(min : least)
  for (int64_t j = 0; j < count; ++j) {
    float value = lows[j] * (size * sizes[j] / (size + sizes[j]));
    out[j] = value;
    least = value < least ? value : least;
  }
  return least;
}

/// |a - b|^2 in eight partial sums.
CLEAVE_FOR_EVERY_PROCESSOR
double squared_difference(const double* a, const double* b, int64_t width) {
  double lanes[8] = {};
  int64_t d = 0;
  for (; d + 8 <= width; d += 8) {
#pragma omp simd
    for (int64_t j = 0; j < 8; ++j) {
      double difference = a[d + j] - b[d + j];
      lanes[j] += difference * difference;
    }
  }
  double sum = 0;
  for (; d < width; ++d)
    sum += (a[d] - b[d]) * (a[d] - b[d]);
  for (double lane : lanes)
    sum += lane;
  return sum;
}

class Ward {
 public:
  Ward(const Tensor& x, const ShouldStop& should_stop)
      : should_stop_(should_stop),
        n_(x.size(0)),
        width_(x.size(1)),
        slots_(n_),
        means_(x.to(at::kDouble).clone()),
        bounds_(means_),
        sizes_(static_cast<size_t>(n_), 1),
        float_sizes_(static_cast<size_t>(n_), 1),
        examples_(static_cast<size_t>(n_)),
        versions_(static_cast<size_t>(n_), 0),
        nearest_(static_cast<size_t>(n_)),
        heights_(static_cast<size_t>(n_), 0) {
    std::iota(examples_.begin(), examples_.end(), 0);
  }

  std::vector<Join> operator()() {
    while (alive() > 1) {
      stop_if_asked(should_stop_, "agglomerative");
      std::vector<int64_t> open = stale();
      if (asked_ + static_cast<int64_t>(open.size()) <= 4 * n_ + 12 * static_cast<int64_t>(joins_.size())) {
        ask(open);
        merge_mutual_pairs();
      } else {
        follow_chain();
      }
      if (alive() < slots_ * 3 / 4) close_ranks();
    }
    return std::move(joins_);
  }

 private:
  struct Nearest {
    int64_t slot = -1;
    int64_t version = 0;  // of that slot: another one means that the answer is out of date
    double square = 0;    // Ward distance / 2, squared
  };

  int64_t alive() const { return n_ - static_cast<int64_t>(joins_.size()); }
  bool is_alive(int64_t slot) const { return sizes_[static_cast<size_t>(slot)] > 0; }
  bool is_known(int64_t slot) const {
    const Nearest& nearest = nearest_[static_cast<size_t>(slot)];
    return nearest.slot >= 0 && nearest.version == versions_[static_cast<size_t>(nearest.slot)];
  }
  std::vector<int64_t> stale() const {
    std::vector<int64_t> open;
    for (int64_t slot = 0; slot < slots_; ++slot)
      if (is_alive(slot) && !is_known(slot)) open.push_back(slot);
    return open;
  }

  double square_between(int64_t a, int64_t b) const {
    const auto* means = means_.const_data_ptr<double>();
    auto size_a = static_cast<double>(sizes_[static_cast<size_t>(a)]);
    auto size_b = static_cast<double>(sizes_[static_cast<size_t>(b)]);
    return size_a * size_b / (size_a + size_b) * squared_difference(means + a * width_, means + b * width_, width_);
  }

  /// Finds the nearest cluster of each slot in `open`; of equally near ones the first.
  void ask(const std::vector<int64_t>& open) {
    const auto count = static_cast<int64_t>(open.size());
    asked_ += count;
    Tensor slots = at::tensor(open, at::kLong);
    const int64_t wave = 16 * kQueries * at::get_num_threads();
    for (int64_t begin = 0; begin < count; begin += wave) {
      if (begin > 0) stop_if_asked(should_stop_, "agglomerative");
      for_each_block(std::min(wave, count - begin), kQueries,
                     [&](RowRange rows) { ask_block(slots.slice(0, begin + rows.first, begin + rows.last)); });
    }
  }

  void ask_block(const Tensor& slots) {
    const int64_t count = slots.size(0);
    const auto* asked = slots.const_data_ptr<int64_t>();
    for (int64_t q = 0; q < count; ++q)
      nearest_[static_cast<size_t>(asked[q])] = {-1, 0, kInfinity};
    for (int64_t first = 0; first < slots_; first += kWardColumns) {
      const int64_t last = std::min(first + kWardColumns, slots_);
      Tensor lows = bounds_.lows(slots, first, last);
      for (int64_t q = 0; q < count; ++q)
        look(asked[q], lows.const_data_ptr<float>() + q * (last - first), first, last);
    }
    for (int64_t q = 0; q < count; ++q) {
      Nearest& nearest = nearest_[static_cast<size_t>(asked[q])];
      nearest.version = versions_[static_cast<size_t>(nearest.slot)];
    }
  }

  /// Improves the nearest cluster of `slot` by those of [first, last), given lower bounds.
  void look(int64_t slot, const float* lows, int64_t first, int64_t last) {
    Nearest& nearest = nearest_[static_cast<size_t>(slot)];
    const float size = float_sizes_[static_cast<size_t>(slot)];
    float weighed[kChunk];
    for (int64_t chunk = first; chunk < last; chunk += kChunk, lows += kChunk) {
      const int64_t count = std::min(kChunk, last - chunk);
      if (nearest.square == 0) return;
      double limit = nearest.square / bounds_.unit();
      if (weigh(lows, float_sizes_.data() + chunk, size, count, weighed) >= limit) continue;
      for (int64_t j = 0; j < count; ++j) {
        if (weighed[j] >= limit || chunk + j == slot) continue;
        double square = square_between(slot, chunk + j);
        if (square >= nearest.square) continue;
        nearest.slot = chunk + j;
        nearest.square = square;
        limit = square / bounds_.unit();
      }
    }
  }

  /// Whether the nearest cluster of `slot` has none nearer than `slot`. Asked by distance, not by name: among equally
  /// near ones names could run in circles.
  bool is_mutual(int64_t slot) const {
    const Nearest& nearest = nearest_[static_cast<size_t>(slot)];
    return nearest_[static_cast<size_t>(nearest.slot)].square >= nearest.square;
  }

  void merge_mutual_pairs() {
    std::vector<bool> taken(static_cast<size_t>(slots_), false);
    for (int64_t slot = 0; slot < slots_; ++slot) {
      if (!is_alive(slot) || taken[static_cast<size_t>(slot)]) continue;
      int64_t other = nearest_[static_cast<size_t>(slot)].slot;
      if (taken[static_cast<size_t>(other)] || !is_mutual(slot)) continue;
      taken[static_cast<size_t>(slot)] = taken[static_cast<size_t>(other)] = true;
      merge(std::min(slot, other), std::max(slot, other));
    }
  }

  /// Goes from cluster to nearest cluster until two are nearest to each other, and merges them.
  void follow_chain() {
    int64_t slot = 0;
    while (!is_alive(slot))
      ++slot;
    for (;;) {
      if (!is_known(slot)) ask({slot});
      int64_t next = nearest_[static_cast<size_t>(slot)].slot;
      if (!is_known(next)) ask({next});
      if (is_mutual(slot)) return merge(std::min(slot, next), std::max(slot, next));
      slot = next;
    }
  }

  void merge(int64_t a, int64_t b) {
    auto from = static_cast<size_t>(a), into = static_cast<size_t>(b);
    // Rounding must not put a merge below one that it contains.
    double square = std::min(nearest_[from].square, nearest_[into].square);
    double height = std::max({std::sqrt(2 * square), heights_[from], heights_[into]});
    joins_.push_back({examples_[from], examples_[into], height});
    auto* mean_a = means_.data_ptr<double>() + a * width_;
    auto* mean_b = means_.data_ptr<double>() + b * width_;
    double share = static_cast<double>(sizes_[from]) / static_cast<double>(sizes_[from] + sizes_[into]);
    for (int64_t d = 0; d < width_; ++d)
      mean_b[d] += share * (mean_a[d] - mean_b[d]);
    bounds_.set_row(b, mean_b);
    bounds_.lowered_norms.data_ptr<float>()[a] = std::numeric_limits<float>::infinity();
    sizes_[into] += sizes_[from];
    sizes_[from] = 0;
    float_sizes_[into] = static_cast<float>(sizes_[into]);
    heights_[into] = height;
    ++versions_[from];
    ++versions_[into];
    nearest_[into].slot = -1;
  }

  /// Leaves the slots of clusters that are gone; order stays.
  void close_ranks() {
    std::vector<int64_t> kept, place(static_cast<size_t>(slots_), -1);
    for (int64_t slot = 0; slot < slots_; ++slot) {
      if (!is_alive(slot)) continue;
      place[static_cast<size_t>(slot)] = static_cast<int64_t>(kept.size());
      kept.push_back(slot);
    }
    for (size_t i = 0; i < kept.size(); ++i) {
      auto old = static_cast<size_t>(kept[i]);
      Nearest nearest = nearest_[old];
      if (is_known(kept[i]))
        nearest.slot = place[static_cast<size_t>(nearest.slot)];
      else
        nearest.slot = -1;
      nearest_[i] = nearest;
      sizes_[i] = sizes_[old];
      float_sizes_[i] = float_sizes_[old];
      examples_[i] = examples_[old];
      heights_[i] = heights_[old];
    }
    // Versions move last: is_known() reads those of slots further back.
    for (size_t i = 0; i < kept.size(); ++i)
      versions_[i] = versions_[static_cast<size_t>(kept[i])];
    slots_ = static_cast<int64_t>(kept.size());
    Tensor rows = at::tensor(kept, at::kLong);
    means_ = means_.index_select(0, rows);
    bounds_ = bounds_.rows(rows);
  }

  const ShouldStop& should_stop_;
  const int64_t n_, width_;
  int64_t slots_;          // places in use, some of clusters that are gone
  Tensor means_;           // [slots, X] float64
  DistanceBounds bounds_;  // of the means
  std::vector<int64_t> sizes_;
  std::vector<float> float_sizes_;
  std::vector<int64_t> examples_;  // one of each cluster
  std::vector<int64_t> versions_;
  std::vector<Nearest> nearest_;
  std::vector<double> heights_;
  std::vector<Join> joins_;
  int64_t asked_ = 0;
};

}  // namespace

std::vector<Join> ward_joins(const Tensor& x, const ShouldStop& should_stop) {
  return Ward(x, should_stop)();
}

}  // namespace cleave::classical
