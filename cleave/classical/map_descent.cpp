#include "cleave/classical/map_descent.h"

#include <algorithm>
#include <cmath>

#include <ATen/Dispatch.h>

#include "cleave/base/error.h"
#include "cleave/classical/fixed_blocks.h"
#include "cleave/classical/lanes.h"
#include "cleave/classical/nearest.h"
#include "cleave/classical/pca.h"
#include "cleave/classical/spectral.h"

namespace cleave::classical {

namespace {

constexpr int64_t kMoveRows = 4096;  // per block
constexpr double kStartDeviation = 1e-4;
constexpr double kJitter = 0.01;  // of the deviation: parts points that start in one place

/// Takes the mean from each column; the same bits for any number of threads. False when the mean is not finite.
template <class T>
bool centre(T* map, int64_t n, int64_t width) {
  double means[3] = {};
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t d = 0; d < width; ++d)
      means[d] += static_cast<double>(map[i * width + d]);
  }
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t d = 0; d < width; ++d)
      map[i * width + d] -= static_cast<T>(means[d] / static_cast<double>(n));
  }
  return std::isfinite(means[0] + means[1] + means[2]);
}
bool centre(Tensor& map) {
  return AT_DISPATCH_FLOATING_TYPES(map.scalar_type(), "centre_map",
                                    [&] { return centre(map.data_ptr<scalar_t>(), map.size(0), map.size(1)); });
}

double deviation(const Tensor& column) {
  Tensor values = column.to(at::kDouble).contiguous();
  auto n = static_cast<double>(values.size(0));
  values = values - ordered_sum(values) / n;
  return std::sqrt(ordered_sum(values.square()) / n);
}

struct StepSize {
  double rate, momentum, longest;
};

/// What moves from one iteration to the next.
struct Motion {
  Tensor map, update, gains;
};

/// Gains grow where the descent keeps its direction and shrink where it swings.
template <class T>
void step(const T* gradient, const Motion& from, const StepSize& size, Motion& to) {
  const T rate = static_cast<T>(size.rate), momentum = static_cast<T>(size.momentum);
  const double longest = size.longest;
  const int64_t n = from.map.size(0), width = from.map.size(1);
  const T *map = from.map.const_data_ptr<T>(), *update = from.update.const_data_ptr<T>(),
          *gains = from.gains.const_data_ptr<T>();
  T *next_map = to.map.data_ptr<T>(), *next_update = to.update.data_ptr<T>(), *next_gains = to.gains.data_ptr<T>();
  auto move_rows = [&](int64_t, RowRange rows) {
    for (int64_t i = rows.first; i < rows.last; ++i) {
      double squared_length = 0;
      for (int64_t e = i * width; e < (i + 1) * width; ++e) {
        auto sign = [](T value) { return (value > 0) - (value < 0); };
        next_gains[e] = sign(update[e]) != sign(gradient[e]) ? gains[e] + T(0.2) : gains[e] * T(0.8) + T(0.01);
        next_update[e] = momentum * update[e] - rate * next_gains[e] * gradient[e];
        squared_length += static_cast<double>(next_update[e]) * static_cast<double>(next_update[e]);
      }
      const T shorten = squared_length > longest * longest ? static_cast<T>(longest / std::sqrt(squared_length)) : T(1);
      for (int64_t e = i * width; e < (i + 1) * width; ++e) {
        next_update[e] *= shorten;
        next_map[e] = map[e] + next_update[e];
      }
    }
  };
  for_fixed_blocks(n, kMoveRows, move_rows, /*alone=*/4);
}

Motion moved(const Motion& from, const Tensor& gradient, const StepSize& size) {
  Tensor slope = gradient.contiguous();
  Motion to{at::empty_like(from.map), at::empty_like(from.map), at::empty_like(from.map)};
  AT_DISPATCH_FLOATING_TYPES(from.map.scalar_type(), "map_step",
                             [&] { step(slope.const_data_ptr<scalar_t>(), from, size, to); });
  return to;
}

/// A map at rest.
Motion at_rest(const Tensor& map) {
  return {map.contiguous(), at::zeros_like(map, at::MemoryFormat::Contiguous),
          at::ones_like(map, at::MemoryFormat::Contiguous)};
}

}  // namespace

Tensor first_map(const Tensor& data, const Affinities& p, int64_t dimensions, MapStart start, const Randomness& random,
                 const ShouldStop& should_stop) {
  Tensor x = checked_matrix(data, "map");
  require<ArgumentError>(dimensions >= 1 && dimensions <= 3, "a map has 1 to 3 dimensions, not {}", dimensions);
  const int64_t n = x.size(0);
  Tensor noise = at::randn({n, dimensions}, random.stream("first map"), at::kDouble);
  Tensor map = noise * kStartDeviation;
  if (start != MapStart::kRandom) {
    Tensor found;
    if (start == MapStart::kPca) {
      Pca pca = fit_pca(x, std::min({dimensions, n, x.size(1)}));
      found = pca.transform(x).to(at::kDouble);
    } else {
      Tensor weights = p.joint.values.to(at::kFloat).clamp_min(std::numeric_limits<float>::min());
      found = spectral_map({p.joint.starts, p.joint.columns, weights}, dimensions, random, should_stop).to(at::kDouble);
    }
    double width = deviation(found.select(1, 0));
    if (width > 0 && std::isfinite(width)) {  // else all examples are equal, and random is as good
      map = noise * (kStartDeviation * kJitter);
      map.slice(1, 0, found.size(1)) += found * (kStartDeviation / width);
    }
  }
  map = map.to(x.scalar_type());
  centre(map);
  return map;
}

void map_iteration(const MapCost& cost, const MapOptions& options, MapProgress& progress, double scale) {
  const bool early = progress.iteration < options.early_iterations;
  const double exaggeration = early ? options.early_exaggeration : 1;
  const auto n = static_cast<double>(progress.map.size(0));
  double rate = options.learning_rate > 0 ? options.learning_rate : n / exaggeration;
  Motion now{progress.map, progress.update, progress.gains};
  if (!now.update.defined()) now = at_rest(progress.map);
  const bool asked = progress.iteration % options.cost_every == 0;
  const bool last = progress.iteration + 1 >= options.iterations;

  CostAndGradient at = cost(now.map, exaggeration, asked);
  now = moved(now, at.gradient, {rate * scale / 4, options.momentum, options.longest_step});
  require<NumericalError>(centre(now.map),
                          "the map stopped being finite in iteration {}: take a smaller learning_rate than {:g}",
                          progress.iteration + 1, rate);
  if (last) at = cost(now.map, 1, /*with_cost=*/true);
  progress.map = now.map;
  progress.update = now.update;
  progress.gains = now.gains;
  if (asked || last) progress.cost = at.cost;
  ++progress.iteration;
  progress.finished = last;
}

MapProgress descend(const MapCost& cost, const Tensor& start, const MapOptions& options, double scale,
                    const ShouldStop& should_stop) {
  require<ArgumentError>(options.iterations >= 1 && options.early_iterations >= 0 && options.early_exaggeration > 0 &&
                             options.learning_rate >= 0 && options.cost_every >= 1,
                         "a map needs at least 1 iteration, an exaggeration above 0 and a learning rate of at least 0");
  MapProgress progress;
  progress.map = start;
  while (!progress.finished) {
    stop_if_asked(should_stop, "map");
    map_iteration(cost, options, progress, scale);
  }
  return progress;
}

Tensor place(const Tensor& examples, const PlacedMap& fitted, const ShouldStop& should_stop) {
  // The settings of openTSNE for the same purpose.
  constexpr double kPerplexity = 5, kExaggeration = 1.5, kLongestGradient = 0.25;
  constexpr int64_t kIterations = 250, kExactPoints = 1000;
  const int64_t n = fitted.map.size(0), width = fitted.map.size(1), count = examples.size(0);
  if (count == 0) return at::empty({0, width}, fitted.map.options());
  auto k = std::min(n, static_cast<int64_t>(3 * kPerplexity));
  Neighbours near = nearest(examples, fitted.x, k, /*leave_self_out=*/false, should_stop);
  double perplexity = std::clamp(static_cast<double>(k) / 3, 1.0, kPerplexity);
  const auto type = fitted.map.scalar_type();

  SparseRows p;
  p.starts = at::arange(0, count * k + 1, k, at::kLong);
  p.columns = near.indices.flatten().to(at::kInt);
  p.values = (conditionals(near.distances.square(), perplexity).probabilities * kExaggeration).flatten().to(type);
  Tensor neighbours = fitted.map.index_select(0, near.indices.flatten()).view({count, k, width});
  Tensor points = std::get<0>(neighbours.sort(1)).slice(1, (k - 1) / 2, k / 2 + 1).mean(1).contiguous();

  auto [low, high] = fitted.map.aminmax(0);
  double margin = 0.1 * (high - low).max().item<double>() + 1;
  std::unique_ptr<RepulsiveField> field;
  if (fitted.kernel == Kernel::kCauchy) {
    field = make_field(n <= kExactPoints ? Approximation::kExact : Approximation::kAuto, n, width);
    field->set_sources(fitted.map, margin);
  }
  Motion now = at_rest(points);
  for (int64_t iteration = 0; iteration < kIterations; ++iteration) {
    stop_if_asked(should_stop, "placing new examples");
    Repulsion repulsion = field ? field->at(now.map) : exact_repulsion(fitted.kernel, now.map, fitted.map);
    Tensor forces = repulsion.forces / repulsion.totals.unsqueeze(1).to(type);
    Tensor gradient = net_force(fitted.kernel, p, now.map, fitted.map, 1, forces, 1);
    Tensor length = gradient.norm(2, 1, /*keepdim=*/true);
    gradient = gradient * (kLongestGradient / (length + 1e-6)).clamp_max(1);
    now = moved(now, gradient, {0.1, 0.8, std::numeric_limits<double>::infinity()});
    now.map = at::min(at::max(now.map, low - margin), high + margin);
  }
  return now.map;
}

}  // namespace cleave::classical
