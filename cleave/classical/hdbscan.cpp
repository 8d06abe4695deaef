#include "cleave/classical/hdbscan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <ATen/Dispatch.h>

#include "cleave/base/error.h"
#include "cleave/classical/disjoint_sets.h"
#include "cleave/classical/nearest.h"
#include "cleave/classical/row_tiles.h"
#include "cleave/classical/spanning_tree.h"

namespace cleave::classical {

namespace {

struct Cores {
  Tensor squares;     ///< [N] float64, D1 squared
  Tensor neighbours;  ///< [N, at least min_points - 1] int64; undefined where there is no other example
};

Cores cores_of(const Tensor& x, int64_t min_points, const ShouldStop& should_stop) {
  const int64_t n = x.size(0), width = x.size(1);
  Cores cores{at::zeros({n}, at::kDouble), {}};
  if (n == 1) return cores;
  // More than the core needs: they spare the spanning tree most of its searches.
  const int64_t count = std::min(std::max<int64_t>(2 * min_points, 15), n - 1);
  cores.neighbours = nearest(x, x, count, /*leave_self_out=*/true, should_stop).indices;
  if (min_points == 1) return cores;
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "hdbscan", [&] {
    const auto* rows = x.const_data_ptr<scalar_t>();
    for (int64_t i = 0; i < n; ++i) {
      int64_t last = cores.neighbours.const_data_ptr<int64_t>()[i * count + min_points - 2];
      // Summed as the spanning tree sums it, so that equal distances are equal there.
      cores.squares.data_ptr<double>()[i] = ordered_squared_distance(rows + i * width, rows + last * width, width);
    }
  });
  return cores;
}

/// The hierarchy of single linkage: node N + t joins left[t] and right[t].
struct Hierarchy {
  int64_t n = 0;
  std::vector<int64_t> left, right, sizes;
  std::vector<int64_t> largest;  ///< of the parts that are left without the edges of the node's length
  std::vector<double> distances;

  int64_t size(int64_t node) const { return node < n ? 1 : sizes[static_cast<size_t>(node - n)]; }
  /// Of what is left of a node just below a distance.
  int64_t size_below(int64_t node, double distance) const {
    const bool falls = node >= n && !(distances[static_cast<size_t>(node - n)] < distance);
    return falls ? largest[static_cast<size_t>(node - n)] : size(node);
  }
};

/// Left is the side from which the edge was found: that decides how clusters are numbered.
Hierarchy hierarchy_of(const SpanningTree& tree) {
  Hierarchy result;
  result.n = tree.lengths.size(0) + 1;
  const Tensor order = tree.lengths.argsort(/*stable=*/true, /*dim=*/0, /*descending=*/false);
  DisjointSets sets(result.n);
  std::vector<int64_t> node(static_cast<size_t>(result.n));
  std::iota(node.begin(), node.end(), 0);
  for (int64_t t = 0; t < result.n - 1; ++t) {
    int64_t edge = order.const_data_ptr<int64_t>()[t];
    int64_t from = sets.find(tree.from.const_data_ptr<int64_t>()[edge]);
    int64_t to = sets.find(tree.to.const_data_ptr<int64_t>()[edge]);
    result.left.push_back(node[static_cast<size_t>(from)]);
    result.right.push_back(node[static_cast<size_t>(to)]);
    result.distances.push_back(tree.lengths.const_data_ptr<double>()[edge]);
    int64_t root = sets.join(from, to);
    result.sizes.push_back(sets.size(root));
    result.largest.push_back(std::max(result.size_below(result.left.back(), result.distances.back()),
                                      result.size_below(result.right.back(), result.distances.back())));
    node[static_cast<size_t>(root)] = result.n + t;
  }
  return result;
}

class Condenser {
 public:
  Condenser(const Hierarchy& hierarchy, int64_t least) : from_(hierarchy), least_(least) {}

  /// Clusters are numbered as a walk level by level from the root meets them.
  CondensedTree operator()() {
    const int64_t n = from_.n;
    std::vector<int64_t> level = {2 * n - 2};
    cluster_of_.assign(static_cast<size_t>(2 * n - 1), -1);
    cluster_of_.back() = n;
    next_ = n + 1;
    for (size_t i = 0; i < level.size(); ++i) {
      int64_t node = level[i];
      if (node < n) continue;
      auto at = static_cast<size_t>(node - n);
      int64_t left = from_.left[at], right = from_.right[at], cluster = cluster_of_[static_cast<size_t>(node)];
      const double distance = from_.distances[at], lambda = distance > 0 ? 1 / distance : kInfinity;  // D3
      const auto keeps = [&](int64_t side) { return from_.size_below(side, distance) >= least_; };
      const bool keep_left = keeps(left), keep_right = keeps(right);
      for (auto [side, keep] : {std::pair(left, keep_left), std::pair(right, keep_right)}) {
        if (!keep) {
          shed(side, cluster, lambda);
          continue;
        }
        int64_t number = keep_left && keep_right ? next_++ : cluster;
        if (number != cluster) add(cluster, number, lambda, from_.size(side));
        cluster_of_[static_cast<size_t>(side)] = number;
        level.push_back(side);
      }
    }
    return std::move(tree_);
  }

 private:
  void add(int64_t parent, int64_t child, double lambda, int64_t size) {
    tree_.parents.push_back(parent);
    tree_.children.push_back(child);
    tree_.lambdas.push_back(lambda);
    tree_.sizes.push_back(size);
  }

  /// All examples under `node` leave the cluster.
  void shed(int64_t node, int64_t cluster, double lambda) {
    std::vector<int64_t> open = {node};
    while (!open.empty()) {
      int64_t top = open.back();
      open.pop_back();
      if (top < from_.n) {
        add(cluster, top, lambda, 1);
      } else {
        open.push_back(from_.right[static_cast<size_t>(top - from_.n)]);
        open.push_back(from_.left[static_cast<size_t>(top - from_.n)]);
      }
    }
  }

  const Hierarchy& from_;
  int64_t least_, next_ = 0;
  std::vector<int64_t> cluster_of_;  // of each node of the hierarchy
  CondensedTree tree_;
};

/// The clusters of a condensed tree; 0 is the root.
struct Clusters {
  std::vector<int64_t> parents;
  std::vector<double> births, stabilities;
  std::vector<double> densest;  ///< largest lambda at which anything leaves it
  std::vector<std::vector<int64_t>> children;
};

Clusters clusters_of(const CondensedTree& tree, int64_t n) {
  size_t count = 1;
  for (int64_t child : tree.children)
    if (child >= n) count = std::max(count, static_cast<size_t>(child - n + 1));
  Clusters result{std::vector<int64_t>(count, -1), std::vector<double>(count, 0), std::vector<double>(count, 0),
                  std::vector<double>(count, 0), std::vector<std::vector<int64_t>>(count)};
  for (size_t row = 0; row < tree.children.size(); ++row) {
    if (tree.children[row] < n) continue;
    auto child = static_cast<size_t>(tree.children[row] - n), parent = static_cast<size_t>(tree.parents[row] - n);
    result.parents[child] = static_cast<int64_t>(parent);
    result.births[child] = tree.lambdas[row];
    result.children[parent].push_back(static_cast<int64_t>(child));
  }
  for (size_t row = 0; row < tree.children.size(); ++row) {  // S1
    auto parent = static_cast<size_t>(tree.parents[row] - n);
    double lambda = tree.lambdas[row];
    if (lambda > result.births[parent])  // equal infinities have no difference
      result.stabilities[parent] += (lambda - result.births[parent]) * static_cast<double>(tree.sizes[row]);
    result.densest[parent] = std::max(result.densest[parent], lambda);
  }
  return result;
}

/// Whether each cluster is selected. A cluster's number is larger than its parent's.
std::vector<bool> select(const Clusters& clusters, Selection selection) {
  const size_t count = clusters.parents.size();
  std::vector<bool> selected(count, false);
  if (selection == Selection::kLeaf) {
    for (size_t c = 1; c < count; ++c)
      selected[c] = clusters.children[c].empty();
    return selected;
  }
  std::vector<double> best = clusters.stabilities;
  for (size_t c = count; c-- > 1;) {
    double below = 0;
    for (int64_t child : clusters.children[c])
      below += best[static_cast<size_t>(child)];
    selected[c] = !(below > best[c]);
    if (!selected[c]) best[c] = below;
  }
  for (size_t c = 1; c < count; ++c) {  // of a selected cluster nothing below is one of its own
    auto parent = static_cast<size_t>(clusters.parents[c]);
    while (parent > 0 && !selected[parent])
      parent = static_cast<size_t>(clusters.parents[parent]);
    if (parent > 0) selected[c] = false;
  }
  return selected;
}

}  // namespace

HdbscanResult hdbscan(const Tensor& data, const HdbscanOptions& options, const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "hdbscan");
  const int64_t n = x.size(0), min_points = options.min_points > 0 ? options.min_points : options.min_cluster_size;
  require<ArgumentError>(options.min_cluster_size >= 2, "hdbscan: min_cluster_size must be at least 2, not {}",
                         options.min_cluster_size);
  require<ArgumentError>(min_points <= n, "hdbscan: min_points is {}, but there are {} examples", min_points, n);
  require<DataError>(std::isfinite(x.to(at::kDouble).square().sum().item<double>()),
                     "hdbscan: the data hold values that are not finite or too large");
  const Cores cores = cores_of(x, min_points, should_stop);
  HdbscanResult result{at::full({n}, -1, at::kLong), at::zeros({n}, at::kDouble), cores.squares.sqrt()};
  std::vector<double> births, stabilities;
  if (n > 1) {
    Hierarchy hierarchy = hierarchy_of(minimum_spanning_tree(x, cores.squares, cores.neighbours, should_stop));  // D2
    result.tree = Condenser(hierarchy, options.min_cluster_size)();
    const Clusters clusters = clusters_of(result.tree, n);
    const std::vector<bool> selected = select(clusters, options.selection);

    std::vector<int64_t> label(selected.size(), -1);  // of each cluster: its own or that of a selected one above
    std::vector<double> densest;
    for (size_t c = 1; c < selected.size(); ++c) {
      label[c] = label[static_cast<size_t>(clusters.parents[c])];
      if (!selected[c]) continue;
      label[c] = static_cast<int64_t>(births.size());
      births.push_back(clusters.births[c]);
      stabilities.push_back(clusters.stabilities[c]);
      densest.push_back(clusters.densest[c]);
    }
    for (size_t row = 0; row < result.tree.children.size(); ++row) {
      int64_t example = result.tree.children[row];
      int64_t own = label[static_cast<size_t>(result.tree.parents[row] - n)];
      if (example >= n || own < 0) continue;
      double lambda = result.tree.lambdas[row], most = densest[static_cast<size_t>(own)];
      result.labels.data_ptr<int64_t>()[example] = own;
      result.probabilities.data_ptr<double>()[example] =
          lambda < most && std::isfinite(lambda) ? (std::isfinite(most) ? lambda / most : 0) : 1;
    }
  }
  result.births = at::tensor(births, at::kDouble);
  result.stabilities = at::tensor(stabilities, at::kDouble);
  return result;
}

Tensor hdbscan_labels(const Tensor& queries, const Tensor& x, const Tensor& core_distances, const Tensor& labels,
                      const Tensor& births, int64_t min_points) {
  const int64_t k = std::min(2 * min_points, x.size(0));
  Neighbours near = nearest(queries, x, k);
  Tensor own_core = min_points > 1 ? near.distances.slice(1, min_points - 2, min_points - 1)
                                   : at::zeros({queries.size(0), 1}, at::kDouble);
  Tensor reach = near.distances.maximum(own_core).maximum(core_distances.take(near.indices));
  auto [distance, best] = reach.min(1);
  Tensor label = labels.take(near.indices.gather(1, best.unsqueeze(1)).squeeze(1));
  if (births.size(0) == 0) return label;
  Tensor is_denser = distance * births.take(label.clamp_min(0)) < 1;
  return label.masked_fill(is_denser.logical_not(), -1);
}

}  // namespace cleave::classical
