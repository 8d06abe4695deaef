#include "cleave/classical/leiden.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "cleave/base/error.h"

namespace cleave::classical {

namespace {

using Index = int32_t;  // vertices; half the memory traffic of int64

/// A graph of some level: at first the examples, later groups of them. Edges within a vertex are left out: they stay
/// inside whatever the vertex joins.
struct Level {
  std::vector<int64_t> offsets{0};
  std::vector<Index> targets;
  std::vector<double> weights;
  std::vector<double> masses;

  Index size() const { return static_cast<Index>(masses.size()); }
};

using Partition = std::vector<Index>;  // community of each vertex

double total_weight(const Graph& graph) {
  return graph.weights.sum().item<double>() / 2;
}

/// L of O1.
double penalty(const Graph& graph, const LeidenOptions& options) {
  return options.objective == Quality::kCpm ? options.resolution : options.resolution / (2 * total_weight(graph));
}

Level finest(const Graph& graph, Quality objective) {
  const auto* offsets = graph.offsets.const_data_ptr<int64_t>();
  const auto* targets = graph.targets.const_data_ptr<int64_t>();
  const auto* weights = graph.weights.const_data_ptr<double>();
  const int64_t n = graph.size(), arcs = graph.targets.size(0);
  Level level{{offsets, offsets + n + 1}, {targets, targets + arcs}, {weights, weights + arcs}, {}};
  level.masses.assign(static_cast<size_t>(n), 1);
  if (objective == Quality::kModularity) {
    for (int64_t i = 0; i < n; ++i)
      level.masses[static_cast<size_t>(i)] = std::accumulate(weights + offsets[i], weights + offsets[i + 1], 0.0);
  }
  return level;
}

std::vector<Index> shuffled(Index size, Sequence& random) {
  std::vector<Index> order(static_cast<size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[random.next() % i]);
  return order;
}

/// Weights of one vertex's edges by the part at their other end.
class WeightsTo {
 public:
  explicit WeightsTo(Index parts) : weights_(static_cast<size_t>(parts), kNone) {}

  template <class Wanted>
  void gather(const Level& level, const Partition& part, Index v, Wanted wanted) {
    for (Index p : parts_)
      weights_[p] = kNone;
    parts_.clear();
    for (int64_t a = level.offsets[v]; a < level.offsets[v + 1]; ++a) {
      Index u = level.targets[a];
      if (!wanted(u)) continue;
      double& weight = weights_[part[u]];
      if (weight == kNone) {
        parts_.push_back(part[u]);
        weight = 0;
      }
      weight += level.weights[a];
    }
  }
  const std::vector<Index>& parts() const { return parts_; }  ///< in the order of the edges
  double operator[](Index part) const { return weights_[part] == kNone ? 0 : weights_[part]; }

 private:
  static constexpr double kNone = -1;
  std::vector<double> weights_;
  std::vector<Index> parts_;
};

/// A queue of vertices, each in it at most once.
class Queue {
 public:
  explicit Queue(std::vector<Index> order) : ring_(std::move(order)), waiting_(ring_.size(), 1), count_(ring_.size()) {}
  bool empty() const { return count_ == 0; }
  Index pop() {
    Index v = ring_[first_];
    first_ = first_ + 1 == ring_.size() ? 0 : first_ + 1;
    --count_;
    waiting_[v] = 0;
    return v;
  }
  void push(Index v) {
    if (waiting_[v]) return;
    size_t place = first_ + count_;
    ring_[place < ring_.size() ? place : place - ring_.size()] = v;
    ++count_;
    waiting_[v] = 1;
  }

 private:
  std::vector<Index> ring_;
  std::vector<char> waiting_;
  size_t first_ = 0, count_;
};

/// Moves vertices to the neighbouring (or an empty) community of largest gain until none gains. (Traag et al., A.1)
void move_vertices(const Level& level, Partition& community, double penalty, double least_gain, Sequence& random) {
  const Index n = level.size();
  std::vector<double> mass(static_cast<size_t>(n));
  std::vector<Index> members(static_cast<size_t>(n)), empty;
  for (Index v = 0; v < n; ++v) {
    mass[community[v]] += level.masses[v];
    ++members[community[v]];
  }
  for (Index c = n; c-- > 0;) {
    if (members[c] == 0) empty.push_back(c);
  }
  WeightsTo weights(n);
  Queue queue(shuffled(n, random));
  while (!queue.empty()) {
    const Index v = queue.pop(), from = community[v];
    const double own = level.masses[v];
    weights.gather(level, community, v, [](Index) { return true; });
    mass[from] -= own;
    double best_gain = weights[from] - penalty * own * mass[from] + least_gain;
    Index best = from;
    for (Index c : weights.parts()) {
      double gain = weights[c] - penalty * own * mass[c];
      if (c != from && gain > best_gain) std::tie(best, best_gain) = std::pair(c, gain);
    }
    if (best_gain < 0 && members[from] > 1) best = empty.back();
    mass[best] += own;
    if (best == from) continue;
    if (members[best]++ == 0) empty.pop_back();
    if (--members[from] == 0) empty.push_back(from);
    community[v] = best;
    for (int64_t a = level.offsets[v]; a < level.offsets[v + 1]; ++a) {
      if (community[level.targets[a]] != best) queue.push(level.targets[a]);
    }
  }
}

constexpr double kChance = 0.01;  // theta of the paper, in mean edge weights

/// Parts of the communities, each well connected within its community: a vertex that is still alone joins one of the
/// parts it gains from, at random, the more it gains the likelier. (Traag et al., A.2)
Partition refine(const Level& level, const Partition& community, double penalty, double mean_weight, Sequence& random) {
  const Index n = level.size();
  Partition part(static_cast<size_t>(n));
  std::iota(part.begin(), part.end(), 0);
  std::vector<double> community_mass(static_cast<size_t>(n)), mass = level.masses;
  std::vector<double> outward(static_cast<size_t>(n));  // weight from a part to the rest of its community
  std::vector<char> alone(static_cast<size_t>(n), 1);
  for (Index v = 0; v < n; ++v) {
    community_mass[community[v]] += level.masses[v];
    for (int64_t a = level.offsets[v]; a < level.offsets[v + 1]; ++a) {
      if (community[level.targets[a]] == community[v]) outward[v] += level.weights[a];
    }
  }
  auto well_connected = [&](Index p, double whole) { return outward[p] >= penalty * mass[p] * (whole - mass[p]); };

  WeightsTo weights(n);
  std::vector<Index> choices;
  std::vector<double> gains;
  for (Index v : shuffled(n, random)) {
    const double whole = community_mass[community[v]], own = level.masses[v];
    if (!alone[v] || !well_connected(v, whole)) continue;
    weights.gather(level, part, v, [&](Index u) { return community[u] == community[v]; });
    choices.assign(1, v);
    gains.assign(1, 0);
    for (Index p : weights.parts()) {
      double gain = weights[p] - penalty * own * mass[p];
      if (gain < 0 || !well_connected(p, whole)) continue;
      choices.push_back(p);
      gains.push_back(gain);
    }
    const double most = *std::max_element(gains.begin(), gains.end());
    double total = 0;
    for (double& gain : gains)
      total += gain = std::exp((gain - most) / (kChance * mean_weight));
    double left = random.uniform() * total;
    size_t chosen = 0;
    while (chosen + 1 < choices.size() && (left -= gains[chosen]) >= 0)
      ++chosen;
    const Index p = choices[chosen];
    if (p == v) continue;
    outward[p] += outward[v] - 2 * weights[p];
    mass[p] += own;
    alone[p] = 0;  // p is named after its first vertex
    alone[v] = 0;
    part[v] = p;
  }
  return part;
}

/// Numbers the parts from 0 on, by first vertex; returns how many there are.
Index renumber(Partition& part) {
  std::vector<Index> number(part.size(), -1);
  Index count = 0;
  for (Index& p : part) {
    if (number[p] < 0) number[p] = count++;
    p = number[p];
  }
  return count;
}

/// The graph whose vertices are the parts, numbered from 0 on.
Level merged(const Level& level, const Partition& part, Index parts) {
  std::vector<Index> starts(static_cast<size_t>(parts) + 1), members(part.size());
  for (Index p : part)
    ++starts[p + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  std::vector<Index> next(starts.begin(), starts.end() - 1);
  for (Index v = 0; v < level.size(); ++v)
    members[next[part[v]]++] = v;

  Level result;
  result.masses.assign(static_cast<size_t>(parts), 0);
  std::vector<double> weight(static_cast<size_t>(parts));
  std::vector<Index> seen;
  for (Index p = 0; p < parts; ++p) {
    for (Index m = starts[p]; m < starts[p + 1]; ++m) {
      Index v = members[m];
      result.masses[p] += level.masses[v];
      for (int64_t a = level.offsets[v]; a < level.offsets[v + 1]; ++a) {
        Index q = part[level.targets[a]];
        if (q == p) continue;
        if (weight[q] == 0) seen.push_back(q);
        weight[q] += level.weights[a];
      }
    }
    for (Index q : seen) {
      result.targets.push_back(q);
      result.weights.push_back(weight[q]);
      weight[q] = 0;
    }
    seen.clear();
    result.offsets.push_back(static_cast<int64_t>(result.targets.size()));
  }
  return result;
}

void check(const Graph& graph, const Tensor& labels, const LeidenOptions& options) {
  require<ArgumentError>(options.resolution > 0 && std::isfinite(options.resolution),
                         "leiden: the resolution must be above 0, not {}", options.resolution);
  require<ArgumentError>(graph.size() >= 1 && graph.size() < std::numeric_limits<Index>::max(),
                         "leiden: a graph of {} examples is too large", graph.size());
  if (!labels.defined()) return;
  require<ArgumentError>(labels.dim() == 1 && labels.scalar_type() == at::kLong && labels.size(0) == graph.size() &&
                             labels.min().item<int64_t>() >= 0,
                         "leiden: the communities must be int64 from 0 on, one for each of {} examples", graph.size());
}

}  // namespace

double partition_quality(const Graph& graph, const Tensor& labels, const LeidenOptions& options) {
  check(graph, labels, options);
  const double all = total_weight(graph);
  if (all == 0 && options.objective == Quality::kModularity) return 0;
  Tensor from = at::repeat_interleave(at::arange(graph.size()), graph.offsets.diff());
  Tensor same = labels.take(from) == labels.take(graph.targets);
  const double inside = graph.weights.masked_select(same).sum().item<double>() / 2;
  if (options.objective == Quality::kCpm) {
    Tensor sizes = labels.bincount().to(at::kDouble);
    return inside - options.resolution * (sizes * (sizes - 1)).sum().item<double>() / 2;
  }
  Tensor masses = labels.take(from).bincount(graph.weights) / (2 * all);
  return inside / all - options.resolution * masses.square().sum().item<double>();
}

Tensor leiden_pass(const Graph& graph, const Tensor& labels, const LeidenOptions& options, const Randomness& random,
                   const ShouldStop& should_stop) {
  check(graph, labels, options);
  const int64_t n = graph.size();
  if (graph.targets.size(0) == 0) return at::arange(n);  // nobody gains from anybody
  const double mean_weight = graph.weights.mean().item<double>(), factor = penalty(graph, options);
  const double least_gain = 1e-10 * mean_weight;
  Sequence sequence(random.bits("leiden"));

  Level level = finest(graph, options.objective);
  Partition community(static_cast<size_t>(n)), vertex(static_cast<size_t>(n));  // of each example
  std::iota(vertex.begin(), vertex.end(), 0);
  community = vertex;
  if (labels.defined()) {
    Tensor parts = numbered_by_size(labels);
    std::copy_n(parts.const_data_ptr<int64_t>(), n, community.begin());
  }
  for (;;) {
    stop_if_asked(should_stop, "leiden");
    move_vertices(level, community, factor, least_gain, sequence);
    Partition groups = community;
    const Index count = renumber(groups);
    if (count == level.size()) break;
    Partition part = refine(level, community, factor, mean_weight, sequence);
    Index parts = renumber(part);
    if (parts == level.size()) {  // no vertex found a part to join: go on with whole communities
      part = groups;
      parts = count;
    }
    Partition of_part(static_cast<size_t>(parts));
    for (Index v = 0; v < level.size(); ++v)
      of_part[part[v]] = groups[v];
    level = merged(level, part, parts);
    for (Index& v : vertex)
      v = part[v];
    community = std::move(of_part);
  }
  Tensor result = at::empty({n}, at::kLong);
  for (int64_t i = 0; i < n; ++i)
    result.data_ptr<int64_t>()[i] = community[vertex[static_cast<size_t>(i)]];
  return result;
}

bool gains(double before, double after, const LeidenOptions& options) {
  return after > before + options.tolerance * std::abs(before);
}

Communities leiden(const Graph& graph, const LeidenOptions& options, const Randomness& random,
                   const ShouldStop& should_stop) {
  require<ArgumentError>(options.most_passes >= 1, "leiden: there must be at least one pass");
  Communities best;
  for (bool going = true; going && best.passes < options.most_passes; ++best.passes) {
    Randomness own = random.child("pass", static_cast<uint64_t>(best.passes));
    best.labels = leiden_pass(graph, best.labels, options, own, should_stop);
    const double quality = partition_quality(graph, best.labels, options);
    going = best.passes == 0 || gains(best.quality, quality, options);
    best.quality = quality;
  }
  best.labels = numbered_by_size(best.labels);
  return best;
}

Tensor without_small(const Graph& graph, const Tensor& labels, int64_t least) {
  Tensor parts = numbered_by_size(labels);
  Tensor sizes = parts.bincount();
  const int64_t large = sizes.ge(least).sum().item<int64_t>(), n = graph.size();
  parts = parts.masked_fill(parts >= large, -1);
  const auto* offsets = graph.offsets.const_data_ptr<int64_t>();
  const auto* targets = graph.targets.const_data_ptr<int64_t>();
  const auto* weights = graph.weights.const_data_ptr<double>();
  std::vector<double> to(static_cast<size_t>(large));
  for (bool changed = true; changed;) {
    changed = false;
    Tensor next = parts.clone();
    const auto* part = parts.const_data_ptr<int64_t>();
    for (int64_t i = 0; i < n; ++i) {
      if (part[i] >= 0) continue;
      int64_t best = -1;
      for (int64_t a = offsets[i]; a < offsets[i + 1]; ++a) {
        if (part[targets[a]] >= 0) to[static_cast<size_t>(part[targets[a]])] += weights[a];
      }
      for (int64_t a = offsets[i]; a < offsets[i + 1]; ++a) {
        int64_t c = part[targets[a]];
        if (c >= 0 && (best < 0 || to[static_cast<size_t>(c)] > to[static_cast<size_t>(best)])) best = c;
      }
      for (int64_t a = offsets[i]; a < offsets[i + 1]; ++a) {
        if (part[targets[a]] >= 0) to[static_cast<size_t>(part[targets[a]])] = 0;
      }
      next.data_ptr<int64_t>()[i] = best;
      changed |= best >= 0;
    }
    parts = next;
  }
  Tensor placed = (parts >= 0).nonzero().flatten();
  return parts.index_put({placed}, numbered_by_size(parts.index_select(0, placed)));
}

bool ResolutionSearch::learn(int64_t count, int64_t wanted) {
  if (count == wanted || ++tried >= kMostTries) return false;
  (count < wanted ? low : high) = next;
  if (low > 0 && high > 0) {
    next = std::sqrt(low * high);
    return high / low > 1 + 1e-6;
  }
  next *= count < wanted ? 2 : 0.5;
  return next < 1e9 && next > 1e-9;
}

}  // namespace cleave::classical
