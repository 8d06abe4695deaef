#include "cleave/classical/merge_tree.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "cleave/base/error.h"
#include "cleave/classical/disjoint_sets.h"

namespace cleave::classical {

namespace {

/// Labels of the examples when merge t is done where done[t], numbered by first examples.
Tensor labels_of(const MergeTree& tree, const std::vector<bool>& done) {
  const int64_t n = tree.examples();
  const auto* merges = tree.merges.const_data_ptr<int64_t>();
  DisjointSets sets(2 * n - 1);
  for (int64_t t = 0; t < n - 1; ++t) {
    if (!done[static_cast<size_t>(t)]) continue;
    sets.join(merges[2 * t], n + t);
    sets.join(merges[2 * t + 1], n + t);
  }
  std::vector<int64_t> number(static_cast<size_t>(2 * n - 1), -1);
  Tensor labels = at::empty({n}, at::kLong);
  int64_t count = 0;
  for (int64_t i = 0; i < n; ++i) {
    int64_t& label = number[static_cast<size_t>(sets.find(i))];
    if (label < 0) label = count++;
    labels.data_ptr<int64_t>()[i] = label;
  }
  return labels;
}

}  // namespace

MergeTree tree_of(std::vector<Join> joins, bool by_height) {
  const auto n = static_cast<int64_t>(joins.size()) + 1;
  if (by_height) {
    std::stable_sort(joins.begin(), joins.end(), [](const Join& a, const Join& b) { return a.height < b.height; });
  }
  MergeTree tree{at::empty({n - 1, 2}, at::kLong), at::empty({n - 1}, at::kDouble), at::empty({n - 1}, at::kLong)};
  DisjointSets sets(n);
  std::vector<int64_t> cluster(static_cast<size_t>(n));  // of the set with that root
  std::iota(cluster.begin(), cluster.end(), 0);
  for (int64_t t = 0; t < n - 1; ++t) {
    const Join& join = joins[static_cast<size_t>(t)];
    int64_t a = sets.find(join.a), b = sets.find(join.b);
    int64_t first = cluster[static_cast<size_t>(a)], second = cluster[static_cast<size_t>(b)];
    tree.merges.data_ptr<int64_t>()[2 * t] = std::min(first, second);
    tree.merges.data_ptr<int64_t>()[2 * t + 1] = std::max(first, second);
    tree.heights.data_ptr<double>()[t] = join.height;
    int64_t root = sets.join(a, b);
    tree.sizes.data_ptr<int64_t>()[t] = sets.size(root);
    cluster[static_cast<size_t>(root)] = n + t;
  }
  return tree;
}

Tensor cut_into(const MergeTree& tree, int64_t clusters) {
  const int64_t n = tree.examples();
  require<ArgumentError>(clusters >= 1 && clusters <= n, "{} clusters asked of {} examples; ask for 1 to {}", clusters,
                         n, n);
  std::vector<bool> done(static_cast<size_t>(n - 1), false);
  std::fill(done.begin(), done.begin() + (n - clusters), true);
  return labels_of(tree, done);
}

Tensor cut_at(const MergeTree& tree, double height) {
  const int64_t n = tree.examples();
  std::vector<bool> done(static_cast<size_t>(n - 1));
  for (int64_t t = 0; t < n - 1; ++t) {
    done[static_cast<size_t>(t)] = tree.heights.const_data_ptr<double>()[t] <= height;
    for (int side = 0; side < 2; ++side) {
      int64_t part = tree.merges.const_data_ptr<int64_t>()[2 * t + side] - n;
      if (part >= 0 && !done[static_cast<size_t>(part)]) done[static_cast<size_t>(t)] = false;
    }
  }
  return labels_of(tree, done);
}

}  // namespace cleave::classical
