#include "cleave/classical/cliques.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>
#include <vector>

#include "cleave/base/error.h"
#include "cleave/classical/neighbourhoods.h"

namespace cleave::classical {

namespace {

using Vertices = std::vector<int64_t>;  // rising

/// Order in which each example comes with the fewest neighbours among those still to come, and the largest such number.
struct Degeneracy {
  Vertices order;
  int64_t most = 0;
};

Degeneracy degeneracy(const Graph& graph) {
  const auto* offsets = graph.offsets.const_data_ptr<int64_t>();
  const auto* targets = graph.targets.const_data_ptr<int64_t>();
  std::vector<int64_t> left(static_cast<size_t>(graph.size()));
  std::vector<Vertices> by_degree;
  auto put = [&](int64_t i) {
    auto degree = static_cast<size_t>(left[static_cast<size_t>(i)]);
    if (by_degree.size() <= degree) by_degree.resize(degree + 1);
    by_degree[degree].push_back(i);
  };
  for (int64_t i = graph.size() - 1; i >= 0; --i) {
    left[static_cast<size_t>(i)] = offsets[i + 1] - offsets[i];
    put(i);
  }
  Degeneracy result;
  for (size_t degree = 0; degree < by_degree.size();) {
    if (by_degree[degree].empty()) {
      ++degree;
      continue;
    }
    int64_t i = by_degree[degree].back();
    by_degree[degree].pop_back();
    if (left[static_cast<size_t>(i)] != static_cast<int64_t>(degree)) continue;  // it stands in a lower row since
    left[static_cast<size_t>(i)] = -1;
    result.order.push_back(i);
    result.most = std::max(result.most, static_cast<int64_t>(degree));
    for (int64_t a = offsets[i]; a < offsets[i + 1]; ++a) {
      int64_t& others = left[static_cast<size_t>(targets[a])];
      if (others < 0) continue;
      --others;
      put(targets[a]);
      degree = std::min(degree, static_cast<size_t>(others));
    }
  }
  return result;
}

class CliqueSearch {
 public:
  CliqueSearch(const Graph& graph, int64_t min_members, int64_t most, const ShouldStop& should_stop)
      : offsets_(graph.offsets.const_data_ptr<int64_t>()),
        targets_(graph.targets.const_data_ptr<int64_t>()),
        min_members_(min_members),
        most_(most),
        should_stop_(should_stop) {}

  /// Cliques that extend `clique_` by candidates, and by none of the excluded.
  void extend(Vertices candidates, Vertices excluded) {
    if (++nodes_ % (1 << 14) == 0) stop_if_asked(should_stop_, "graph");
    if (static_cast<int64_t>(clique_.size() + candidates.size()) < min_members_) return;
    if (candidates.empty()) {
      if (excluded.empty()) keep();
      return;
    }
    const int64_t pivot = best_pivot(candidates, excluded);
    Vertices tried;
    std::set_difference(candidates.begin(), candidates.end(), targets_ + offsets_[pivot],
                        targets_ + offsets_[pivot + 1], std::back_inserter(tried));
    for (int64_t i : tried) {
      clique_.push_back(i);
      extend(neighbours_among(candidates, i), neighbours_among(excluded, i));
      clique_.pop_back();
      candidates.erase(std::lower_bound(candidates.begin(), candidates.end(), i));
      excluded.insert(std::lower_bound(excluded.begin(), excluded.end(), i), i);
    }
  }

  void start(int64_t i, Vertices candidates, Vertices excluded) {
    clique_ = {i};
    extend(std::move(candidates), std::move(excluded));
  }

  std::vector<Vertices> found;

 private:
  Vertices neighbours_among(const Vertices& some, int64_t i) const {
    Vertices result;
    std::set_intersection(some.begin(), some.end(), targets_ + offsets_[i], targets_ + offsets_[i + 1],
                          std::back_inserter(result));
    return result;
  }

  /// The example that leaves the fewest candidates to try: those it is not joined to.
  int64_t best_pivot(const Vertices& candidates, const Vertices& excluded) const {
    int64_t best = candidates[0], most = -1;
    for (const Vertices* some : {&candidates, &excluded}) {
      for (int64_t i : *some) {
        int64_t joined = shared(candidates.data(), candidates.data() + candidates.size(), targets_ + offsets_[i],
                                targets_ + offsets_[i + 1]);
        if (joined > most) std::tie(best, most) = std::pair(i, joined);
      }
    }
    return best;
  }

  void keep() {
    require<ArgumentError>(static_cast<int64_t>(found.size()) < most_,
                           "graph: there are more than {} maximal cliques of at least {} members; take fewer "
                           "neighbours or a smaller eps, or ask for larger cliques",
                           most_, min_members_);
    found.push_back(clique_);
    std::sort(found.back().begin(), found.back().end());
  }

  const int64_t* offsets_;
  const int64_t* targets_;
  int64_t min_members_, most_;
  const ShouldStop& should_stop_;
  Vertices clique_;
  int64_t nodes_ = 0;
};

constexpr int64_t kMostDegeneracy = 2000;  // the depth of the search, and by its square the memory

}  // namespace

Cliques maximal_cliques(const Graph& graph, int64_t min_members, int64_t most, const ShouldStop& should_stop) {
  require<ArgumentError>(min_members >= 1 && most >= 1, "graph: a clique has at least one member");
  const auto* offsets = graph.offsets.const_data_ptr<int64_t>();
  const auto* targets = graph.targets.const_data_ptr<int64_t>();
  Degeneracy order = degeneracy(graph);
  require<ArgumentError>(order.most <= kMostDegeneracy,
                         "graph: a group of examples has more than {} neighbours each, too many to search for cliques; "
                         "take fewer neighbours or a smaller eps",
                         kMostDegeneracy);
  std::vector<int64_t> rank(order.order.size());
  for (size_t r = 0; r < order.order.size(); ++r)
    rank[static_cast<size_t>(order.order[r])] = static_cast<int64_t>(r);

  CliqueSearch search(graph, min_members, most, should_stop);
  for (int64_t i : order.order) {
    Vertices later, before;
    for (int64_t a = offsets[i]; a < offsets[i + 1]; ++a) {
      bool is_later = rank[static_cast<size_t>(targets[a])] > rank[static_cast<size_t>(i)];
      (is_later ? later : before).push_back(targets[a]);
    }
    search.start(i, std::move(later), std::move(before));
  }
  std::sort(search.found.begin(), search.found.end(),
            [](const Vertices& a, const Vertices& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
  Vertices starts{0}, members;
  for (const Vertices& clique : search.found) {
    members.insert(members.end(), clique.begin(), clique.end());
    starts.push_back(static_cast<int64_t>(members.size()));
  }
  return {at::tensor(starts, at::kLong), at::tensor(members, at::kLong)};
}

Tensor clique_membership(const Cliques& cliques, int64_t size) {
  Tensor result = at::zeros({size, cliques.count()});
  Tensor which = at::repeat_interleave(at::arange(cliques.count()), cliques.offsets.diff());
  result.index_put_({cliques.members, which}, at::ones({}));
  return result / result.sum(1, /*keepdim=*/true).clamp_min(1);
}

}  // namespace cleave::classical
