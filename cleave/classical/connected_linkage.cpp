// Agglomerative clustering along the edges of a neighbour graph.
#include <algorithm>
#include <cmath>
#include <queue>
#include <set>
#include <tuple>
#include <vector>

#include "cleave/base/error.h"
#include "cleave/classical/disjoint_sets.h"
#include "cleave/classical/linkages.h"
#include "cleave/classical/nearest.h"

namespace cleave::classical {

namespace {

/// One direction of an edge: the cluster at its other end, and their distance.
struct Edge {
  int64_t to;
  double distance;
};

bool by_end(const Edge& a, const Edge& b) {
  return a.to < b.to;
}

/// The graph of the `neighbours` nearest, both ways, and the shortest edges that join what it leaves apart.
class NeighbourGraph {
 public:
  NeighbourGraph(const Tensor& x, int64_t neighbours, const ShouldStop& should_stop)
      : edges(static_cast<size_t>(x.size(0))), parts_(x.size(0)) {
    Neighbours near = nearest(x, x, neighbours, /*leave_self_out=*/true, should_stop);
    for (int64_t i = 0; i < x.size(0); ++i) {
      for (int64_t k = 0; k < neighbours; ++k) {
        add(i, near.indices.const_data_ptr<int64_t>()[i * neighbours + k],
            near.distances.const_data_ptr<double>()[i * neighbours + k]);
      }
    }
    while (connect(x, should_stop)) {
    }
    for (std::vector<Edge>& of_one : edges) {
      std::sort(of_one.begin(), of_one.end(), by_end);
      auto same_end = [](const Edge& a, const Edge& b) { return a.to == b.to; };
      of_one.erase(std::unique(of_one.begin(), of_one.end(), same_end), of_one.end());
    }
  }

  std::vector<std::vector<Edge>> edges;

 private:
  void add(int64_t a, int64_t b, double distance) {
    edges[static_cast<size_t>(a)].push_back({b, distance});
    edges[static_cast<size_t>(b)].push_back({a, distance});
    parts_.join(a, b);
  }

  /// Joins each part but the largest to the example nearest to it. False when there is one part only.
  bool connect(const Tensor& x, const ShouldStop& should_stop) {
    Tensor part = at::empty({x.size(0)}, at::kLong);
    for (int64_t i = 0; i < x.size(0); ++i)
      part.data_ptr<int64_t>()[i] = parts_.find(i);
    auto [names, inverse, counts] =
        at::_unique2(part, /*sorted=*/true, /*return_inverse=*/false, /*return_counts=*/true);
    if (names.size(0) == 1) return false;
    auto largest = counts.argmax().item<int64_t>();
    for (int64_t p = 0; p < names.size(0); ++p) {
      if (p == largest) continue;
      Tensor is_inside = part == names[p];
      Tensor inside = is_inside.nonzero().flatten(), outside = is_inside.logical_not().nonzero().flatten();
      Neighbours near = nearest(x.index_select(0, inside), x.index_select(0, outside), 1, false, should_stop);
      auto shortest = near.distances.flatten().argmin().item<int64_t>();
      add(inside[shortest].item<int64_t>(), outside[near.indices[shortest][0]].item<int64_t>(),
          near.distances[shortest][0].item<double>());
    }
    return true;
  }

  DisjointSets parts_;
};

class Connected {
 public:
  Connected(const Tensor& x, Linkage linkage, int64_t neighbours, const ShouldStop& should_stop)
      : linkage_(linkage), n_(x.size(0)), width_(x.size(1)), sizes_(static_cast<size_t>(2 * n_ - 1), 1) {
    edges_ = std::move(NeighbourGraph(x, neighbours, should_stop).edges);
    edges_.resize(static_cast<size_t>(2 * n_ - 1));
    if (by_means()) {
      means_.resize(static_cast<size_t>((2 * n_ - 1) * width_));
      Tensor wide = x.to(at::kDouble).contiguous();
      std::copy_n(wide.const_data_ptr<double>(), n_ * width_, means_.data());
    }
    alive_.assign(static_cast<size_t>(2 * n_ - 1), false);
    std::fill(alive_.begin(), alive_.begin() + n_, true);
    example_.resize(static_cast<size_t>(2 * n_ - 1));
    for (int64_t i = 0; i < n_; ++i) {
      example_[static_cast<size_t>(i)] = i;
      for (const Edge& edge : edges_[static_cast<size_t>(i)])
        if (i < edge.to) queue_.emplace(edge.distance, i, edge.to);
    }
  }

  std::vector<Join> operator()(const ShouldStop& should_stop) {
    std::vector<Join> joins;
    for (int64_t made = n_; made < 2 * n_ - 1;) {
      auto [distance, a, b] = queue_.top();
      queue_.pop();
      if (!alive_[static_cast<size_t>(a)] || !alive_[static_cast<size_t>(b)]) continue;
      if (joins.size() % 256 == 0) stop_if_asked(should_stop, "agglomerative");
      joins.push_back({example_[static_cast<size_t>(a)], example_[static_cast<size_t>(b)], distance});
      merge(a, b, made++);
    }
    return joins;
  }

 private:
  bool by_means() const { return linkage_ == Linkage::kWard || linkage_ == Linkage::kCentroid; }

  /// The edges of a cluster to clusters that are still there.
  std::vector<Edge> living(int64_t cluster) {
    std::vector<Edge> edges = std::move(edges_[static_cast<size_t>(cluster)]);
    std::erase_if(edges, [&](const Edge& edge) { return !alive_[static_cast<size_t>(edge.to)]; });
    std::sort(edges.begin(), edges.end(), by_end);
    return edges;
  }

  void merge(int64_t a, int64_t b, int64_t made) {
    auto at_a = static_cast<size_t>(a), at_b = static_cast<size_t>(b), at_new = static_cast<size_t>(made);
    alive_[at_a] = alive_[at_b] = false;
    alive_[at_new] = true;
    example_[at_new] = example_[at_a];
    sizes_[at_new] = sizes_[at_a] + sizes_[at_b];
    if (by_means()) {
      auto mean = [&](int64_t cluster) { return means_.data() + cluster * width_; };
      double share = static_cast<double>(sizes_[at_b]) / static_cast<double>(sizes_[at_new]);
      for (int64_t d = 0; d < width_; ++d)
        mean(made)[d] = mean(a)[d] + share * (mean(b)[d] - mean(a)[d]);
    }
    std::vector<Edge> from_a = living(a), from_b = living(b);
    auto i = from_a.begin(), j = from_b.begin();
    while (i != from_a.end() || j != from_b.end()) {
      bool only_a = j == from_b.end() || (i != from_a.end() && i->to < j->to);
      bool only_b = i == from_a.end() || (j != from_b.end() && j->to < i->to);
      int64_t to = only_b ? j->to : i->to;
      double distance = by_means()                       ? distance_of_means(to, made)
                        : only_a                         ? i->distance
                        : only_b                         ? j->distance
                        : linkage_ == Linkage::kSingle   ? std::min(i->distance, j->distance)
                        : linkage_ == Linkage::kComplete ? std::max(i->distance, j->distance)
                                                         : weighted(i->distance, a, j->distance, b);
      edges_[at_new].push_back({to, distance});
      edges_[static_cast<size_t>(to)].push_back({made, distance});
      queue_.emplace(distance, to, made);
      if (!only_b) ++i;
      if (!only_a) ++j;
    }
  }

  double weighted(double from_a, int64_t a, double from_b, int64_t b) const {
    auto size_a = static_cast<double>(sizes_[static_cast<size_t>(a)]);
    auto size_b = static_cast<double>(sizes_[static_cast<size_t>(b)]);
    return (size_a * from_a + size_b * from_b) / (size_a + size_b);
  }

  double distance_of_means(int64_t a, int64_t b) const {
    double square = 0;
    for (int64_t d = 0; d < width_; ++d) {
      double difference = means_[static_cast<size_t>(a * width_ + d)] - means_[static_cast<size_t>(b * width_ + d)];
      square += difference * difference;
    }
    if (linkage_ == Linkage::kCentroid) return std::sqrt(square);
    auto size_a = static_cast<double>(sizes_[static_cast<size_t>(a)]);
    auto size_b = static_cast<double>(sizes_[static_cast<size_t>(b)]);
    return std::sqrt(2 * size_a * size_b / (size_a + size_b) * square);
  }

  using Candidate = std::tuple<double, int64_t, int64_t>;  // distance, then the earlier clusters first

  Linkage linkage_;
  int64_t n_, width_;
  std::vector<std::vector<Edge>> edges_;  // per cluster; ends that have merged stay until the cluster itself merges
  std::vector<int64_t> sizes_, example_;
  std::vector<double> means_;  // Ward and centroid
  std::vector<bool> alive_;
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue_;
};

}  // namespace

std::vector<Join> connected_joins(const Tensor& x, Linkage linkage, int64_t neighbours, const ShouldStop& should_stop) {
  require<ArgumentError>(neighbours < x.size(0), "agglomerative: connectivity is {}, but there are {} examples",
                         neighbours, x.size(0));
  return Connected(x, linkage, neighbours, should_stop)(should_stop);
}

}  // namespace cleave::classical
