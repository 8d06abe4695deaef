// Sets that only ever join: union by size, paths halved.
//
// Source  Tarjan. Efficiency of a good but not linear set union algorithm. JACM 1975.
#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace cleave::classical {

class DisjointSets {
 public:
  explicit DisjointSets(int64_t count) : parent_(static_cast<size_t>(count)), size_(static_cast<size_t>(count), 1) {
    std::iota(parent_.begin(), parent_.end(), int64_t{0});
  }

  /// The member that names the set of `member`.
  int64_t find(int64_t member) {
    auto at = static_cast<size_t>(member);
    while (parent_[at] != static_cast<int64_t>(at)) {
      parent_[at] = parent_[static_cast<size_t>(parent_[at])];
      at = static_cast<size_t>(parent_[at]);
    }
    return static_cast<int64_t>(at);
  }

  /// Joins two sets; returns the name of what results.
  int64_t join(int64_t a, int64_t b) {
    auto root = static_cast<size_t>(find(a)), other = static_cast<size_t>(find(b));
    if (root == other) return static_cast<int64_t>(root);
    if (size_[root] < size_[other]) std::swap(root, other);
    parent_[other] = static_cast<int64_t>(root);
    size_[root] += size_[other];
    return static_cast<int64_t>(root);
  }

  int64_t size(int64_t root) const { return size_[static_cast<size_t>(root)]; }

 private:
  std::vector<int64_t> parent_, size_;
};

}  // namespace cleave::classical
