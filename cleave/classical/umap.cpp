#include "cleave/classical/umap.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/classical/neighbour_graph.h"
#include "cleave/classical/neighbourhoods.h"
#include "cleave/classical/pca.h"
#include "cleave/classical/umap_positions.h"

namespace cleave::classical {

void check(const UmapOptions& options) {
  require<ArgumentError>(options.dimensions >= 1, "umap: the map needs at least 1 dimension, not {}",
                         options.dimensions);
  require<ArgumentError>(options.neighbours >= 2, "umap: neighbours is {}, but counts the example itself: at least 2",
                         options.neighbours);
  require<ArgumentError>(options.spread > 0 && options.min_dist >= 0 && options.min_dist <= options.spread,
                         "umap: min_dist is {} and spread {}; spread must be above 0, min_dist between 0 and spread",
                         options.min_dist, options.spread);
  require<ArgumentError>(options.epochs >= 0 && options.negative_samples >= 0 && options.learning_rate > 0,
                         "umap: epochs and negative_samples must be at least 0, the learning rate above 0");
}

// Curve --------------------------------------------------------------------------------------------------------------

UmapCurve umap_curve(double min_dist, double spread) {
  require<ArgumentError>(spread > 0 && min_dist >= 0 && std::isfinite(spread) && std::isfinite(min_dist),
                         "umap: min_dist is {} and spread {}; spread must be above 0, min_dist at least 0", min_dist,
                         spread);
  constexpr int64_t kPoints = 300;
  // Gauss-Newton with Levenberg's damping, in log a and log b, which keeps both above 0.
  struct Fit {
    double error = 0, gradient[2] = {}, hessian[3] = {};
  };
  auto evaluate = [&](double log_a, double log_b) {
    Fit fit;
    const double a = std::exp(log_a), b = std::exp(log_b);
    for (int64_t i = 0; i < kPoints; ++i) {
      const double x = 3 * spread * static_cast<double>(i) / (kPoints - 1);
      const double wanted = x < min_dist ? 1 : std::exp(-(x - min_dist) / spread);
      const double power = x > 0 ? std::pow(x, 2 * b) : 0, value = 1 / (1 + a * power);
      const double by_a = -value * value * a * power;
      const double by_b = x > 0 ? by_a * 2 * b * std::log(x) : 0;
      const double rest = value - wanted;
      fit.error += rest * rest;
      fit.gradient[0] += rest * by_a, fit.gradient[1] += rest * by_b;
      fit.hessian[0] += by_a * by_a, fit.hessian[1] += by_a * by_b, fit.hessian[2] += by_b * by_b;
    }
    return fit;
  };
  double log_a = 0, log_b = 0, damping = 1e-3;
  Fit now = evaluate(log_a, log_b);
  for (int64_t step = 0; step < 500 && damping < 1e12; ++step) {
    const double h0 = now.hessian[0] * (1 + damping), h2 = now.hessian[2] * (1 + damping);
    const double determinant = h0 * h2 - now.hessian[1] * now.hessian[1];
    const double move_a = -(h2 * now.gradient[0] - now.hessian[1] * now.gradient[1]) / determinant;
    const double move_b = -(h0 * now.gradient[1] - now.hessian[1] * now.gradient[0]) / determinant;
    const Fit next = evaluate(log_a + move_a, log_b + move_b);
    if (!(next.error <= now.error)) {
      damping *= 10;
      continue;
    }
    log_a += move_a, log_b += move_b, damping = std::max(damping / 10, 1e-12);
    now = next;
    if (std::abs(move_a) + std::abs(move_b) < 1e-12) break;
  }
  return {std::exp(log_a), std::exp(log_b)};
}

// Graph --------------------------------------------------------------------------------------------------------------

Memberships memberships(const Tensor& given, bool connected) {
  constexpr int64_t kSteps = 64;
  constexpr double kTolerance = 1e-5, kLeastScale = 1e-3;  // the latter relative to the mean distance
  Tensor distances = given.to(at::kDouble).contiguous();
  const int64_t n = distances.size(0), k = distances.size(1);
  Memberships result{at::empty({n, k}, at::kFloat), at::zeros({n}, at::kDouble), at::empty({n}, at::kDouble)};
  const auto* all = distances.const_data_ptr<double>();
  auto* weights = result.weights.data_ptr<float>();
  auto* nearest = result.nearest.data_ptr<double>();
  auto* scales = result.scales.data_ptr<double>();
  const int64_t first = connected ? 0 : 1;  // of the columns that count
  const double target = std::log2(static_cast<double>(connected ? k + 1 : k));
  double total = 0;  // in the order of rows
  if (connected) {
    for (int64_t i = 0; i < n * k; ++i)
      total += all[i];
  }
  const double mean_of_all = total / static_cast<double>(n * (k + 1));
  at::parallel_for(0, n, 256, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double* row = all + i * k;
      double sum = 0;
      for (int64_t j = 0; j < k; ++j)
        sum += row[j];
      double rho = 0;
      if (connected) {
        const double* above = std::find_if(row, row + k, [](double d) { return d > 0; });
        if (above != row + k) rho = *above;
      }
      double low = 0, high = std::numeric_limits<double>::infinity(), scale = 1;
      for (int64_t step = 0; step < kSteps; ++step) {
        double reached = 0;
        for (int64_t j = first; j < k; ++j)
          reached += row[j] > rho ? std::exp(-(row[j] - rho) / scale) : 1;
        if (std::abs(reached - target) < kTolerance) break;
        if (reached > target) {
          high = scale;
          scale = (low + high) / 2;
        } else {
          low = scale;
          scale = std::isinf(high) ? scale * 2 : (low + high) / 2;
        }
      }
      const double own_mean = sum / static_cast<double>(connected ? k + 1 : k);
      scale = std::max(scale, kLeastScale * (rho > 0 || !connected ? own_mean : mean_of_all));
      nearest[i] = rho;
      scales[i] = scale;
      for (int64_t j = 0; j < k; ++j) {
        weights[i * k + j] = row[j] <= rho || scale == 0 ? 1 : static_cast<float>(std::exp(-(row[j] - rho) / scale));
      }
    }
  });
  return result;
}

SparseRows fuzzy_union(const Tensor& indices, const Tensor& weights) {
  return symmetrised(indices, weights, at::kFloat,
                     [](double there, double back) { return there + back - there * back; });
}

SparseRows umap_graph(const Neighbours& neighbours, double sharing) {
  SparseRows graph = fuzzy_union(neighbours.indices, memberships(neighbours.distances).weights);
  if (sharing == 0) return graph;
  const Neighbourhoods known(neighbours.indices);
  const auto* starts = graph.starts.const_data_ptr<int64_t>();
  const auto* columns = graph.columns.const_data_ptr<int32_t>();
  auto* weights = graph.values.data_ptr<float>();
  at::parallel_for(0, graph.rows(), 256, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t e = starts[i]; e < starts[i + 1]; ++e)
        weights[e] *= static_cast<float>(std::pow(known.jaccard(i, columns[e]), sharing));
    }
  });
  return graph;
}

// Start --------------------------------------------------------------------------------------------------------------

namespace {

Tensor gaussian(int64_t rows, int64_t columns, const Randomness& random, const char* name) {
  return at::randn({rows, columns}, random.stream(name), at::kFloat);
}

/// The spectral map of one connected graph, reaching from -1 to 1; random where it is too small for one.
Tensor unit_map(const SparseRows& graph, int64_t dimensions, const Randomness& random, const ShouldStop& should_stop) {
  if (graph.rows() == 1) return at::zeros({1, dimensions});
  if (graph.rows() <= 2 * dimensions + 2)
    return at::rand({graph.rows(), dimensions}, random.stream("small component"), at::kFloat) * 2 - 1;
  Tensor map = spectral_map(graph, dimensions, random, should_stop);
  return map / map.abs().max().clamp_min(1e-12);
}

/// The rows of `graph` of the vertices `members`, all of whose neighbours are among them.
SparseRows part_of(const SparseRows& graph, const Tensor& members, std::vector<int32_t>& place) {
  const auto* vertex = members.const_data_ptr<int64_t>();
  const auto* offsets = graph.starts.const_data_ptr<int64_t>();
  const int64_t count = members.size(0);
  SparseRows part{at::zeros({count + 1}, at::kLong), {}, {}};
  auto* part_offsets = part.starts.data_ptr<int64_t>();
  for (int64_t i = 0; i < count; ++i) {
    place[static_cast<size_t>(vertex[i])] = static_cast<int32_t>(i);
    part_offsets[i + 1] = part_offsets[i] + offsets[vertex[i] + 1] - offsets[vertex[i]];
  }
  part.columns = at::empty({part_offsets[count]}, at::kInt);
  part.values = at::empty({part_offsets[count]}, at::kFloat);
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t e = offsets[vertex[i]], to = part_offsets[i]; e < offsets[vertex[i] + 1]; ++e, ++to) {
      part.columns.data_ptr<int32_t>()[to] = place[static_cast<size_t>(graph.columns.const_data_ptr<int32_t>()[e])];
      part.values.data_ptr<float>()[to] = graph.values.const_data_ptr<float>()[e];
    }
  }
  return part;
}

/// A place for each component, [C, D]: on the axes while they suffice, else where its mean lies among the means.
Tensor component_places(const Tensor& x, const std::vector<Tensor>& members, int64_t dimensions) {
  const auto count = static_cast<int64_t>(members.size());
  if (count <= 2 * dimensions) {
    Tensor axes = at::eye(dimensions, at::kFloat);
    return at::cat({axes, -axes}).slice(0, 0, count);
  }
  std::vector<Tensor> means;
  means.reserve(members.size());
  for (const Tensor& rows : members)
    means.push_back(x.index_select(0, rows).to(at::kDouble).mean(0));
  Tensor all = at::stack(means);
  const int64_t rank = std::min({dimensions, count, x.size(1)});
  Tensor places = at::zeros({count, dimensions}, at::kFloat);
  places.slice(1, 0, rank).copy_(fit_pca(all, rank).transform(all));
  return places / places.abs().max().clamp_min(1e-12);
}

}  // namespace

Tensor umap_start(const SparseRows& graph, const Tensor& x, const UmapOptions& options, const Randomness& random,
                  const ShouldStop& should_stop) {
  const int64_t n = graph.rows(), dimensions = options.dimensions;
  Tensor component = connected_components(graph.starts, graph.columns), map;
  const auto count = component.max().item<int64_t>() + 1;
  if (count == 1) {
    map = unit_map(graph, dimensions, random, should_stop);
  } else {
    Tensor order = component.argsort(/*stable=*/true, 0, /*descending=*/false);
    Tensor sizes = component.bincount({}, count);
    std::vector<Tensor> members;
    for (int64_t c = 0, first = 0; c < count; first += sizes[c++].item<int64_t>())
      members.push_back(order.slice(0, first, first + sizes[c].item<int64_t>()));
    Tensor places = component_places(x, members, dimensions);
    Tensor rooms = nearest(places, places, 1, /*leave_self_out=*/true).distances.flatten() / 2;
    map = at::empty({n, dimensions}, at::kFloat);
    std::vector<int32_t> place(static_cast<size_t>(n));
    for (int64_t c = 0; c < count; ++c) {
      const Tensor& rows = members[static_cast<size_t>(c)];
      Tensor own = unit_map(part_of(graph, rows, place), dimensions,
                            random.child("component", static_cast<uint64_t>(c)), should_stop);
      map.index_copy_(0, rows, places[c] + own * std::max(rooms[c].item<double>(), 1e-3));
    }
  }
  map = map * 10 + gaussian(n, dimensions, random, "start") * 1e-4;
  Tensor low = std::get<0>(map.min(0)), high = std::get<0>(map.max(0));
  return (10 * (map - low) / (high - low).clamp_min(1e-12)).contiguous();
}

// Epochs -------------------------------------------------------------------------------------------------------------

namespace {

constexpr int64_t kSteps = 16;     // of an epoch
constexpr int64_t kMovers = 1024;  // least number of examples per thread

}  // namespace

UmapLayout::UmapLayout(const SparseRows& graph, const UmapOptions& options, const Randomness& random)
    : options_(options),
      curve_(umap_curve(options.min_dist, options.spread)),
      size_(graph.rows()),
      epochs_(options.epochs_for(graph.rows())),
      key_(random.bits("epochs")) {
  check(options);
  const auto* offsets = graph.starts.const_data_ptr<int64_t>();
  const auto* neighbours = graph.columns.const_data_ptr<int32_t>();
  const auto* weights = graph.values.const_data_ptr<float>();
  const float largest = graph.values.size(0) > 0 ? graph.values.max().item<float>() : 1;
  const float least = largest / static_cast<float>(epochs_);  // an edge below would hardly be drawn once
  // Calls take(step, sample) for what example i has to do with its edges. Each edge is sampled by either end, half a
  // period and half an epoch apart.
  auto each_sample = [&](int64_t i, auto&& take) {
    for (int64_t e = offsets[i]; e < offsets[i + 1]; ++e) {
      if (weights[e] < least) continue;
      const int64_t j = neighbours[e];
      const uint64_t word = mix(key_ ^ mix(static_cast<uint64_t>(std::min(i, j)) << 32 | std::max(i, j)));
      const uint32_t rate = rate_of(weights[e], largest);
      for (const bool smaller : {true, false}) {  // the end whose sample it is
        const uint32_t own = smaller == (i < j) ? UmapSample::kOwn : 0, half = smaller ? 0 : 0x80000000U;
        const int64_t step = static_cast<int64_t>(word % kSteps + (smaller ? 0 : kSteps / 2)) % kSteps;
        take(step, UmapSample{static_cast<uint32_t>(j) | own, rate, static_cast<uint32_t>(word >> 32) + half});
      }
    }
  };
  offsets_.assign(static_cast<size_t>(kSteps * size_ + 1), 0);
  at::parallel_for(0, size_, kMovers, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      each_sample(i, [&](int64_t step, UmapSample) { ++offsets_[static_cast<size_t>(step * size_ + i) + 1]; });
  });
  for (size_t place = 1; place < offsets_.size(); ++place)
    offsets_[place] += offsets_[place - 1];
  samples_.resize(static_cast<size_t>(offsets_.back()));
  at::parallel_for(0, size_, kMovers, [&](int64_t begin, int64_t end) {
    int64_t next[kSteps];
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t step = 0; step < kSteps; ++step)
        next[step] = offsets_[static_cast<size_t>(step * size_ + i)];
      each_sample(i, [&](int64_t step, UmapSample sample) { samples_[static_cast<size_t>(next[step]++)] = sample; });
    }
  });
}

void UmapLayout::epoch(UmapProgress& progress) const {
  const int64_t dimensions = progress.map.size(1);
  Tensor now = widened(progress.map), next = at::empty_like(now);
  UmapMoves moves{
      .other_count = size_,
      .width = now.size(1),
      .a = static_cast<float>(curve_.a),
      .b = static_cast<float>(std::min(curve_.b, 3.0)),
      .learning_rate = static_cast<float>(options_.learning_rate *
                                          (1 - static_cast<double>(progress.epoch) / static_cast<double>(epochs_))),
      .negative_samples = options_.negative_samples,
      .epoch = static_cast<uint32_t>(progress.epoch),
  };
  for (int64_t step = 0; step < kSteps; ++step) {
    moves.movers = moves.others = now.const_data_ptr<float>();
    moves.key = mix(key_ ^ static_cast<uint64_t>(progress.epoch * kSteps + step));
    auto* moved = next.data_ptr<float>();
    at::parallel_for(0, size_, kMovers, [&](int64_t begin, int64_t end) {
      std::copy(moves.movers + begin * moves.width, moves.movers + end * moves.width, moved + begin * moves.width);
      umap_move(moves, offsets_.data() + step * size_, samples_.data(), begin, end, moved);
    });
    std::swap(now, next);
  }
  progress.map = now.slice(1, 0, dimensions).contiguous();
  progress.finished = ++progress.epoch == epochs_;
}

UmapResult umap(const Tensor& data, const UmapOptions& options, const Randomness& random,
                const ShouldStop& should_stop) {
  check(options);
  Tensor x = checked_matrix(data, "umap");
  require<ArgumentError>(x.size(0) >= 2, "umap: a map needs at least 2 examples, not {}", x.size(0));
  const int64_t k = std::min(options.neighbours, x.size(0)) - 1;
  return umap(umap_graph(nearest_others(x, k, random, should_stop)), x, options, random, should_stop);
}

UmapResult umap(const SparseRows& graph, const Tensor& x, const UmapOptions& options, const Randomness& random,
                const ShouldStop& should_stop) {
  UmapProgress progress{.map = umap_start(graph, x, options, random, should_stop)};
  for (UmapLayout layout(graph, options, random); !progress.finished;) {
    stop_if_asked(should_stop, "umap");
    layout.epoch(progress);
  }
  return {progress.map};
}

}  // namespace cleave::classical
