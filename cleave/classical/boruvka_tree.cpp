#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include "cleave/classical/disjoint_sets.h"
#include "cleave/classical/distance_bounds.h"
#include "cleave/classical/row_tiles.h"
#include "cleave/classical/spanning_trees.h"

namespace cleave::classical {

namespace {

struct TreeEdge {
  double square = kInfinity;
  int64_t from = -1, to = -1;
};

/// The minimum spanning tree of a graph that joins all n examples, by Prim's algorithm from example 0.
SpanningTree tree_within(const std::vector<TreeEdge>& edges, int64_t n) {
  std::vector<size_t> first(static_cast<size_t>(n + 1), 0), at_end(2 * edges.size());
  for (const TreeEdge& edge : edges)
    ++first[static_cast<size_t>(edge.from)], ++first[static_cast<size_t>(edge.to)];
  std::partial_sum(first.begin(), first.end(), first.begin());
  for (size_t e = 0; e < edges.size(); ++e)
    for (int64_t end : {edges[e].from, edges[e].to})
      at_end[--first[static_cast<size_t>(end)]] = e;

  SpanningTree tree{at::empty({n - 1}, at::kLong), at::empty({n - 1}, at::kLong), at::empty({n - 1}, at::kDouble)};
  std::vector<double> keys(static_cast<size_t>(n), kInfinity);
  std::vector<int64_t> sources(static_cast<size_t>(n), -1);
  std::vector<bool> inside(static_cast<size_t>(n), false);
  using Next = std::pair<double, int64_t>;  // length, example to join
  std::priority_queue<Next, std::vector<Next>, std::greater<>> queue;
  int64_t newest = 0;
  for (int64_t step = 0; step < n - 1; ++step) {
    auto at = static_cast<size_t>(newest);
    inside[at] = true;
    for (size_t i = first[at]; i < first[at + 1]; ++i) {
      const TreeEdge& edge = edges[at_end[i]];
      int64_t other = edge.from == newest ? edge.to : edge.from;
      auto end = static_cast<size_t>(other);
      if (inside[end] || edge.square >= keys[end]) continue;
      keys[end] = edge.square;
      sources[end] = newest;
      queue.emplace(edge.square, other);
    }
    while (inside[static_cast<size_t>(queue.top().second)])
      queue.pop();
    newest = queue.top().second;
    tree.from.data_ptr<int64_t>()[step] = sources[static_cast<size_t>(newest)];
    tree.to.data_ptr<int64_t>()[step] = newest;
    tree.lengths.data_ptr<double>()[step] = std::sqrt(queue.top().first);
  }
  return tree;
}

/// Boruvka's algorithm. A part is a set of examples that edges of the tree join already. Lengths are squared.
template <class T>
class Boruvka {
 public:
  Boruvka(const Tensor& x, const Tensor& squared_cores, const Tensor& known, const ShouldStop& should_stop)
      : should_stop_(should_stop),
        n_(x.size(0)),
        width_(x.size(1)),
        x_(x),
        rows_(x.const_data_ptr<T>()),
        bounds_(x),
        spatial_(spatial_order(x, kBallSize)),
        known_(known.contiguous()),
        cores_(static_cast<size_t>(n_), 0.0),
        nearest_(static_cast<size_t>(n_)),
        beyond_(static_cast<size_t>(n_)),
        part_(static_cast<size_t>(n_)),
        sets_(n_) {
    if (squared_cores.defined()) {
      const Tensor squares = squared_cores.to(at::kDouble).contiguous();
      std::copy_n(squares.const_data_ptr<double>(), n_, cores_.data());
    }
    // Neighbours that are not in an example's list are no nearer than the last that is.
    for (int64_t i = 0; i < n_; ++i) {
      int64_t last = list(i)[known_.size(1) - 1];
      double square = ordered_squared_distance(rows_ + i * width_, rows_ + last * width_, width_) * (1 - 1e-12);
      beyond_[static_cast<size_t>(i)] = std::max(square, cores_[static_cast<size_t>(i)]);
    }
  }

  SpanningTree operator()() {
    while (static_cast<int64_t>(edges_.size()) < n_ - 1) {
      stop_if_asked(should_stop_, "spanning tree");
      find_parts();
      read_lists();
      search();
      join_parts();
    }
    add_equals();
    return tree_within(edges_, n_);
  }

 private:
  const int64_t* list(int64_t i) const { return known_.const_data_ptr<int64_t>() + i * known_.size(1); }
  int64_t part(int64_t i) const { return part_[static_cast<size_t>(i)]; }
  double reach(int64_t i, int64_t j) const {
    double square = ordered_squared_distance(rows_ + i * width_, rows_ + j * width_, width_);
    return std::max({square, cores_[static_cast<size_t>(i)], cores_[static_cast<size_t>(j)]});
  }
  bool leads_out(const TreeEdge& edge) const { return edge.to >= 0 && part(edge.from) != part(edge.to); }

  /// Adds the edges that are as long as a core distance: all that may tie with others. With them Prim's algorithm goes
  /// the way that it would go on the graph of all edges.
  void add_equals() {
    for (int64_t i = 0; i < n_; ++i) {
      const double core = cores_[static_cast<size_t>(i)];
      for (int64_t k = 0; k < known_.size(1) && core > 0; ++k) {
        double square = reach(i, list(i)[k]);
        if (square == core) edges_.push_back({square, i, list(i)[k]});
      }
    }
  }

  void find_parts() {
    sizes_.clear();
    std::vector<int64_t> number(static_cast<size_t>(n_), -1);
    for (int64_t i = 0; i < n_; ++i) {
      int64_t& own = number[static_cast<size_t>(sets_.find(i))];
      if (own < 0) own = static_cast<int64_t>(sizes_.size()), sizes_.push_back(0);
      part_[static_cast<size_t>(i)] = own;
      ++sizes_[static_cast<size_t>(own)];
    }
    largest_ = std::max_element(sizes_.begin(), sizes_.end()) - sizes_.begin();
    shortest_.assign(sizes_.size(), TreeEdge{});
  }

  void offer(const TreeEdge& edge) {
    TreeEdge& best = shortest_[static_cast<size_t>(part(edge.from))];
    if (edge.square < best.square) best = edge;
  }

  /// Shortest edges out of each part, as far as lists tell.
  void read_lists() {
    for (int64_t i = 0; i < n_; ++i) {
      TreeEdge& nearest = nearest_[static_cast<size_t>(i)];
      if (part(i) == largest_) continue;
      if (!leads_out(nearest)) {
        nearest = {};
        for (int64_t k = 0; k < known_.size(1); ++k) {
          int64_t j = list(i)[k];
          if (part(j) == part(i)) continue;
          double square = reach(i, j);
          if (square < nearest.square) nearest = {square, i, j};
        }
      }
      if (nearest.to >= 0) offer(nearest);
    }
  }

  /// Whether an example may have a shorter edge out of its part than is known of the part.
  bool is_open(int64_t i) const {
    auto at = static_cast<size_t>(i);
    if (part(i) == largest_ || nearest_[at].square <= beyond_[at]) return false;
    return beyond_[at] < shortest_[static_cast<size_t>(part(i))].square;
  }

  /// Examples in the order of their parts, near ones together; a part begins a new leaf when it is large.
  void line_up() {
    std::vector<int64_t> order(spatial_.const_data_ptr<int64_t>(), spatial_.const_data_ptr<int64_t>() + n_);
    // Small parts stay together where they are in space.
    auto group = [&](int64_t i) { return sizes_[static_cast<size_t>(part(i))] < kBallSize ? -1 : part(i); };
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return group(a) < group(b); });
    places_.clear();
    leaves_.clear();
    for (size_t begin = 0; begin < order.size();) {
      size_t end = begin;
      while (end < order.size() && end - begin < kBallSize && group(order[end]) == group(order[begin]))
        ++end;
      leaves_.push_back({static_cast<int64_t>(begin), static_cast<int64_t>(end), group(order[begin])});
      begin = end;
    }
    places_ = std::move(order);
    Tensor rows = at::tensor(places_, at::kLong);
    lined_up_ = bounds_.rows(rows);
    Tensor ordered = x_.index_select(0, rows);
    centres_ = at::empty({static_cast<int64_t>(leaves_.size()), width_}, at::kDouble);
    at::parallel_for(0, static_cast<int64_t>(leaves_.size()), 16, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        Leaf& leaf = leaves_[static_cast<size_t>(i)];
        Tensor members = ordered.slice(0, leaf.first, leaf.last).to(at::kDouble);
        Tensor centre = members.mean(0);
        centres_[i].copy_(centre);
        leaf.radius = (members - centre).square().sum(1).max().sqrt().item<double>() * (1 + 1e-12);
        leaf.least_core = kInfinity;
        for (int64_t p = leaf.first; p < leaf.last; ++p)
          leaf.least_core = std::min(leaf.least_core, cores_[static_cast<size_t>(places_[static_cast<size_t>(p)])]);
      }
    });
  }

  void search() {
    line_up();
    // One example of each part about which nothing is known, so that the others know how far to look.
    std::vector<std::vector<int64_t>> scouts(leaves_.size()), others(leaves_.size());
    std::vector<bool> scouted(sizes_.size(), false);
    for (size_t l = 0; l < leaves_.size(); ++l) {
      for (int64_t p = leaves_[l].first; p < leaves_[l].last; ++p) {
        int64_t i = places_[static_cast<size_t>(p)];
        if (!is_open(i)) continue;
        auto own = static_cast<size_t>(part(i));
        bool first = shortest_[own].to < 0 && !scouted[own];
        if (first) scouted[own] = true;
        (first ? scouts : others)[l].push_back(p);
      }
    }
    ask(scouts);
    ask(others);
  }

  /// Looks from the places of each leaf. Waves have a fixed size, so that what one knows of another does not depend on
  /// the number of threads.
  void ask(const std::vector<std::vector<int64_t>>& places) {
    constexpr size_t kWave = 32;
    std::vector<size_t> wave;
    for (size_t l = 0; l <= places.size(); ++l) {
      if (l < places.size() && !places[l].empty()) wave.push_back(l);
      if (wave.empty() || (l < places.size() && wave.size() < kWave)) continue;
      stop_if_asked(should_stop_, "spanning tree");
      std::vector<std::vector<int64_t>> open(wave.size());
      for (size_t w = 0; w < wave.size(); ++w) {
        for (int64_t p : places[wave[w]])
          if (is_open(places_[static_cast<size_t>(p)])) open[w].push_back(p);
      }
      at::parallel_for(0, static_cast<int64_t>(wave.size()), 1, [&](int64_t begin, int64_t end) {
        for (auto w = static_cast<size_t>(begin); w < static_cast<size_t>(end); ++w)
          if (!open[w].empty()) look(leaves_[wave[w]], static_cast<int64_t>(wave[w]), open[w]);
      });
      for (const auto& of_leaf : open) {
        for (int64_t p : of_leaf) {
          int64_t i = places_[static_cast<size_t>(p)];
          if (nearest_[static_cast<size_t>(i)].to >= 0) offer(nearest_[static_cast<size_t>(i)]);
        }
      }
      wave.clear();
    }
  }

  struct Leaf {
    int64_t first, last;  // places
    int64_t part;         // of all its examples; -1: various
    double radius = 0, least_core = 0;
  };

  /// Finds the nearest examples of other parts for `places`, all of one leaf, as far as twice the shortest edge known:
  /// farther than needed now, so that the answer lasts for some rounds.
  void look(const Leaf& own, int64_t number, const std::vector<int64_t>& places) {
    std::vector<double> limits;
    double widest = 0;
    for (int64_t p : places) {
      int64_t i = places_[static_cast<size_t>(p)];
      limits.push_back(
          std::min(4 * shortest_[static_cast<size_t>(part(i))].square, nearest_[static_cast<size_t>(i)].square));
      widest = std::max(widest, limits.back());
    }
    const std::vector<double> asked = limits;
    const Tensor distance = (centres_ - centres_[number]).square().sum(1).sqrt();
    auto is_near = [&](size_t l) {
      const Leaf& leaf = leaves_[l];
      if ((leaf.part >= 0 && leaf.part == own.part) || leaf.least_core >= widest) return false;
      double gap = distance.const_data_ptr<double>()[l] * (1 - 1e-12) - leaf.radius - own.radius;
      return gap <= 0 || gap * gap < widest;
    };
    const Tensor rows = at::tensor(places, at::kLong);
    for (size_t l = 0; l < leaves_.size();) {
      if (!is_near(l)) {
        ++l;
        continue;
      }
      size_t end = l + 1;
      while (end < leaves_.size() && leaves_[end].last - leaves_[l].first <= kColumns && is_near(end))
        ++end;
      look_at(places, rows, leaves_[l].first, leaves_[end - 1].last, limits);
      l = end;
    }
    for (size_t q = 0; q < places.size(); ++q) {
      auto i = static_cast<size_t>(places_[static_cast<size_t>(places[q])]);
      // Either an edge was found, and nothing is nearer, or nothing lies within the limit.
      beyond_[i] = std::max(beyond_[i], std::min(asked[q], nearest_[i].square));
    }
  }

  void look_at(const std::vector<int64_t>& places, const Tensor& rows, int64_t first, int64_t last,
               std::vector<double>& limits) {
    const Tensor lows = lined_up_.lows(rows, first, last);
    const auto* low = lows.template const_data_ptr<float>();
    for (size_t q = 0; q < places.size(); ++q, low += last - first) {
      const int64_t i = places_[static_cast<size_t>(places[q])];
      for (int64_t chunk = 0; chunk < last - first; chunk += kChunk) {
        const int64_t count = std::min(kChunk, last - first - chunk);
        if (least_of(low + chunk, count) >= limits[q] / lined_up_.unit()) continue;
        for (int64_t c = chunk; c < chunk + count; ++c) {
          if (low[c] >= limits[q] / lined_up_.unit()) continue;
          const int64_t j = places_[static_cast<size_t>(first + c)];
          if (part(j) == part(i) || cores_[static_cast<size_t>(j)] >= limits[q]) continue;
          const double square = reach(i, j);
          if (square >= limits[q]) continue;
          limits[q] = square;
          nearest_[static_cast<size_t>(i)] = {square, i, j};
        }
      }
    }
  }

  /// Equal lengths must not close a circle: shorter edges first, and none within a part.
  void join_parts() {
    std::stable_sort(shortest_.begin(), shortest_.end(),
                     [](const TreeEdge& a, const TreeEdge& b) { return a.square < b.square; });
    for (const TreeEdge& edge : shortest_) {
      if (edge.to < 0 || sets_.find(edge.from) == sets_.find(edge.to)) continue;
      sets_.join(edge.from, edge.to);
      edges_.push_back(edge);
    }
  }

  static constexpr int64_t kColumns = 2048, kChunk = 64;

  const ShouldStop& should_stop_;
  int64_t n_, width_;
  Tensor x_;
  const T* rows_;
  DistanceBounds bounds_;
  Tensor spatial_, known_;
  std::vector<double> cores_;
  std::vector<TreeEdge>
      nearest_;                 // known edge of each example into another part, to that of least length if not beyond_
  std::vector<double> beyond_;  // what is not known of an example is no nearer than this
  std::vector<int64_t> part_, sizes_;
  int64_t largest_ = 0;
  std::vector<TreeEdge> shortest_;  // of each part
  DisjointSets sets_;
  std::vector<TreeEdge> edges_;
  std::vector<int64_t> places_;  // examples in the order of their parts
  std::vector<Leaf> leaves_;
  DistanceBounds lined_up_;
  Tensor centres_;
};

}  // namespace

SpanningTree boruvka_tree(const Tensor& x, const Tensor& squared_cores, const Tensor& known,
                          const ShouldStop& should_stop) {
  SpanningTree tree;
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "spanning tree",
                             [&] { tree = Boruvka<scalar_t>(x, squared_cores, known, should_stop)(); });
  return tree;
}

}  // namespace cleave::classical
