#include "cleave/classical/graph.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <vector>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/classical/neighbourhoods.h"
#include "cleave/classical/sparse_rows.h"

namespace cleave::classical {

namespace {

/// One direction of an edge.
struct Arc {
  int64_t from, to;
  double weight;
};

bool earlier(const Arc& a, const Arc& b) {
  return a.from != b.from ? a.from < b.from : a.to < b.to;
}

/// Rows of arcs sorted by `earlier`, all different.
Graph compressed(int64_t size, const std::vector<Arc>& arcs) {
  auto count = static_cast<int64_t>(arcs.size());
  Graph graph{at::zeros({size + 1}, at::kLong), at::empty({count}, at::kLong), at::empty({count}, at::kDouble)};
  auto* offsets = graph.offsets.data_ptr<int64_t>();
  auto* targets = graph.targets.data_ptr<int64_t>();
  auto* weights = graph.weights.data_ptr<double>();
  for (int64_t a = 0; a < count; ++a) {
    const Arc& arc = arcs[static_cast<size_t>(a)];
    ++offsets[arc.from + 1];
    targets[a] = arc.to;
    weights[a] = arc.weight;
  }
  std::partial_sum(offsets, offsets + size + 1, offsets);
  return graph;
}

constexpr double kLeastWeight = 1e-12;  // far neighbours keep their edge

/// exp(-d^2 / (s t)); 1 between equal examples, even where both scales are 0.
double gaussian(double distance, double scale, double other_scale) {
  if (distance == 0) return 1;
  return std::max(std::exp(-(distance / scale) * (distance / other_scale)), kLeastWeight);
}

/// Weights from the neighbourhoods.
void weigh_by_shared(Graph& graph, const Neighbourhoods& known, bool jaccard) {
  const auto* offsets = graph.offsets.const_data_ptr<int64_t>();
  const auto* targets = graph.targets.const_data_ptr<int64_t>();
  auto* weights = graph.weights.data_ptr<double>();
  const auto largest = static_cast<double>(known.largest());
  at::parallel_for(0, graph.size(), 256, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t a = offsets[i]; a < offsets[i + 1]; ++a) {
        const int64_t j = targets[a];
        weights[a] = jaccard ? known.jaccard(i, j) : static_cast<double>(known.common(i, j)) / largest;
      }
    }
  });
}

}  // namespace

Tensor Graph::edges() const {
  Tensor from = at::repeat_interleave(at::arange(size()), offsets.diff());
  Tensor once = from < targets;
  return at::stack({from.masked_select(once), targets.masked_select(once)}, 1);
}

Graph neighbour_graph(const Neighbours& neighbours, EdgeRule join, EdgeWeight weights) {
  Tensor indices = neighbours.indices.contiguous(), lengths = neighbours.distances.to(at::kDouble).contiguous();
  require<ArgumentError>(indices.dim() == 2 && lengths.sizes() == indices.sizes(),
                         "graph: indices and distances of the neighbours must be [N, k]");
  const int64_t n = indices.size(0), k = indices.size(1);
  const auto* to = indices.const_data_ptr<int64_t>();
  const auto* length = lengths.const_data_ptr<double>();
  auto scale = [&](int64_t i) { return length[i * k + k - 1]; };
  std::vector<Arc> arcs;
  arcs.reserve(static_cast<size_t>(2 * n * k));
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t a = i * k; a < (i + 1) * k; ++a) {
      require<ArgumentError>(to[a] >= 0 && to[a] < n && to[a] != i, "graph: {} is no neighbour for example {} of {}",
                             to[a], i, n);
      double weight = weights == EdgeWeight::kGaussian ? gaussian(length[a], scale(i), scale(to[a])) : 1;
      arcs.push_back({i, to[a], weight});
      arcs.push_back({to[a], i, weight});
    }
  }
  // Both directions of a pair come twice where each is among the other's nearest, so equal arcs stand side by side.
  std::sort(arcs.begin(), arcs.end(), earlier);
  std::vector<Arc> kept;
  kept.reserve(arcs.size());
  for (size_t a = 0; a < arcs.size();) {
    size_t next = a + 1;
    while (next < arcs.size() && arcs[next].from == arcs[a].from && arcs[next].to == arcs[a].to)
      ++next;
    if (join == EdgeRule::kUnion || next - a > 1) kept.push_back(arcs[a]);
    a = next;
  }
  Graph graph = compressed(n, kept);
  if (weights == EdgeWeight::kShared || weights == EdgeWeight::kJaccard) {
    weigh_by_shared(graph, Neighbourhoods(indices), weights == EdgeWeight::kJaccard);
  }
  return graph;
}

namespace {

constexpr int64_t kPairBlock = 1024;  // rows per product

/// Arcs in both directions between the rows of one block and all rows from the block on. `found` counts those of all
/// blocks; once they are more than `most`, nothing further is looked for.
template <class T>
std::vector<Arc> arcs_within(const Tensor& x, const Tensor& centred, const Tensor& squared_norms, RowRange block,
                             double eps, bool gauss, std::atomic<int64_t>& found, int64_t most) {
  std::vector<Arc> arcs;
  const int64_t n = x.size(0), width = x.size(1);
  const T* rows = x.const_data_ptr<T>();
  const T* norm = squared_norms.const_data_ptr<T>();
  // The products only choose what to look at, with room for their rounding, which grows with the norms; the distances
  // that decide are those of the rows as they are.
  const double rounding = static_cast<double>(width + 16) * std::numeric_limits<T>::epsilon();
  const double squared = eps * eps;
  for (int64_t first = block.first; first < n && found <= most; first += kPairBlock) {
    const size_t before = arcs.size();
    int64_t last = std::min(first + kPairBlock, n);
    Tensor scores = at::addmm(squared_norms.slice(0, first, last), centred.slice(0, block.first, block.last),
                              centred.slice(0, first, last).t(), 1, -2);
    const T* score = scores.const_data_ptr<T>();
    for (int64_t i = block.first; i < block.last; ++i, score += last - first) {
      for (int64_t j = std::max(first, i + 1); j < last; ++j) {
        double about = static_cast<double>(score[j - first]) + static_cast<double>(norm[i]);
        if (about > squared * (1 + rounding) + rounding * (static_cast<double>(norm[i]) + static_cast<double>(norm[j])))
          continue;
        double exact = 0;
        for (int64_t d = 0; d < width; ++d) {
          double difference = static_cast<double>(rows[i * width + d]) - static_cast<double>(rows[j * width + d]);
          exact += difference * difference;
        }
        double distance = std::sqrt(exact);
        if (distance > eps) continue;
        double weight = gauss ? gaussian(distance, eps, eps) : 1;
        arcs.push_back({i, j, weight});
        arcs.push_back({j, i, weight});
      }
    }
    found += static_cast<int64_t>(arcs.size() - before);
  }
  return arcs;
}

}  // namespace

Graph radius_graph(const Tensor& data, double eps, EdgeWeight weights, int64_t most_edges,
                   const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "graph");
  require<ArgumentError>(eps > 0 && std::isfinite(eps), "graph: eps must be above 0, not {}", eps);
  Tensor origin = column_means(x).to(x.scalar_type());
  Tensor centred = x - origin;
  Tensor squared_norms = centred.square().sum(1);
  require<DataError>(at::isfinite(squared_norms).all().item<bool>(),
                     "graph: the data hold values that are not finite or too large");
  const int64_t n = x.size(0), blocks = (n + kPairBlock - 1) / kPairBlock, wave = 2 * at::get_num_threads();
  std::vector<Arc> arcs;
  std::atomic<int64_t> count = 0;
  for (int64_t start = 0; start < blocks; start += wave) {
    stop_if_asked(should_stop, "graph");
    std::vector<std::vector<Arc>> found(static_cast<size_t>(std::min(wave, blocks - start)));
    at::parallel_for(0, static_cast<int64_t>(found.size()), 1, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; ++b) {
        RowRange block{(start + b) * kPairBlock, std::min((start + b + 1) * kPairBlock, n)};
        AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "radius_graph", [&] {
          found[static_cast<size_t>(b)] = arcs_within<scalar_t>(
              x, centred, squared_norms, block, eps, weights == EdgeWeight::kGaussian, count, 2 * most_edges);
        });
      }
    });
    require<ArgumentError>(count <= 2 * most_edges,
                           "graph: more than {} pairs lie within eps = {} of each other; make eps smaller", most_edges,
                           eps);
    for (const std::vector<Arc>& more : found)
      arcs.insert(arcs.end(), more.begin(), more.end());
  }
  std::sort(arcs.begin(), arcs.end(), earlier);
  Graph graph = compressed(n, arcs);
  if (weights == EdgeWeight::kShared || weights == EdgeWeight::kJaccard) {
    weigh_by_shared(graph, Neighbourhoods(graph.offsets, graph.targets), weights == EdgeWeight::kJaccard);
  }
  return graph;
}

Graph graph_of_edges(int64_t size, const Tensor& edges, const Tensor& given_weights) {
  require<ArgumentError>(size >= 1 && edges.defined() && edges.dim() == 2 && edges.size(1) == 2,
                         "graph: edges must be [M, 2], of at least one example");
  Tensor ends = edges.to(at::kLong).contiguous();
  Tensor weights =
      given_weights.defined() ? given_weights.to(at::kDouble).contiguous() : at::ones({ends.size(0)}, at::kDouble);
  require<ArgumentError>(weights.dim() == 1 && weights.size(0) == ends.size(0), "graph: {} edges need as many weights",
                         ends.size(0));
  std::vector<Arc> arcs;
  for (int64_t e = 0; e < ends.size(0); ++e) {
    const int64_t* end = ends.const_data_ptr<int64_t>() + 2 * e;
    double weight = weights.const_data_ptr<double>()[e];
    require<ArgumentError>(std::min(end[0], end[1]) >= 0 && std::max(end[0], end[1]) < size,
                           "graph: edge {} joins {} and {}, but there are {} examples", e, end[0], end[1], size);
    require<ArgumentError>(weight > 0 && std::isfinite(weight), "graph: edge {} has the weight {}; it must be above 0",
                           e, weight);
    if (end[0] == end[1]) continue;
    arcs.push_back({end[0], end[1], weight});
    arcs.push_back({end[1], end[0], weight});
  }
  std::stable_sort(arcs.begin(), arcs.end(), earlier);
  std::vector<Arc> merged;
  for (const Arc& arc : arcs) {
    if (!merged.empty() && merged.back().from == arc.from && merged.back().to == arc.to) {
      merged.back().weight += arc.weight;
    } else {
      merged.push_back(arc);
    }
  }
  return compressed(size, merged);
}

Tensor numbered_by_size(const Tensor& labels) {
  const Tensor rows = labels.to(at::kLong).contiguous();
  const int64_t n = rows.size(0);
  if (n == 0) return rows;
  require<ArgumentError>(rows.dim() == 1 && rows.min().item<int64_t>() >= 0, "graph: parts must be [N], from 0 on");
  const auto* label = rows.const_data_ptr<int64_t>();
  const auto parts = static_cast<size_t>(rows.max().item<int64_t>() + 1);
  std::vector<int64_t> sizes(parts), firsts(parts, n), order(parts), numbers(parts);
  for (int64_t i = n - 1; i >= 0; --i) {
    ++sizes[static_cast<size_t>(label[i])];
    firsts[static_cast<size_t>(label[i])] = i;
  }
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    auto i = static_cast<size_t>(a), j = static_cast<size_t>(b);
    return sizes[i] != sizes[j] ? sizes[i] > sizes[j] : firsts[i] < firsts[j];
  });
  for (size_t rank = 0; rank < parts; ++rank)
    numbers[static_cast<size_t>(order[rank])] = static_cast<int64_t>(rank);
  Tensor result = at::empty({n}, at::kLong);
  for (int64_t i = 0; i < n; ++i)
    result.data_ptr<int64_t>()[i] = numbers[static_cast<size_t>(label[i])];
  return result;
}

Tensor connected_components(const Graph& graph) {
  return numbered_by_size(connected_components(graph.offsets, graph.targets));
}

}  // namespace cleave::classical
