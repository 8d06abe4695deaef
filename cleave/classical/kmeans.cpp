#include "cleave/classical/kmeans.h"

#include <cmath>
#include <tuple>
#include <utility>

#include <ATen/Dispatch.h>

#include "cleave/base/error.h"
#include "cleave/classical/lanes.h"
#include "cleave/classical/processors.h"
#include "cleave/classical/score_tiles.h"

namespace cleave::classical {

namespace {

/// Index of the smallest of scores[0..count), the first of equals.
template <class T>
int64_t argmin(const T* scores, int64_t count) {
  int64_t best = 0;
  for (int64_t k = 1; k < count; ++k) {
    if (scores[k] < scores[best]) best = k;
  }
  return best;
}

/// A block of rows on its way to its centres.
template <class T>
struct RowBlock {
  const T *rows, *centres;  ///< [size, X], [K, X]
  const T* scores;          ///< [size, K]; the least is the nearest centre's, but for rounding
  const T* squares;         ///< [K] of the centres' norms
  int64_t size, width, clusters;
  int64_t* labels;    ///< [size], to be found, as are
  double* distances;  ///< [size] squared, to the nearest centre
  double* sums;       ///< [K, X], to which the rows are added
  int64_t* counts;    ///< [K]
};

/// The centre nearest to a row, and its squared distance. With d that of the centre of the least score, one that is
/// nearer has a norm of at most |x| + d, and so a score that is greater by no more than what such norms are rounded by.
template <class T>
CLEAVE_INLINED std::pair<int64_t, double> nearest_centre(const RowBlock<T>& block, const T* row, const T* scores,
                                                         double slack) {
  const auto distance_to = [&](int64_t k) {
    return squared_distance(row, block.centres + k * block.width, block.width);
  };
  int64_t best = argmin(scores, block.clusters);
  double least = distance_to(best);
  const double norm = std::sqrt(block.squares[best]) + 2 * std::sqrt(least);
  const auto limit = static_cast<T>(static_cast<double>(scores[best]) + 2 * slack * norm * norm);
  int64_t within = 0;
  for (int64_t k = 0; k < block.clusters; ++k)
    within += scores[k] <= limit;
  for (int64_t k = 0; within > 1 && k < block.clusters; ++k) {
    if (k == best || !(scores[k] <= limit)) continue;
    --within;
    if (const double distance = distance_to(k); distance < least) std::tie(best, least) = std::pair(k, distance);
  }
  return {best, least};
}

template <class T>
CLEAVE_INLINED void assign_block(const RowBlock<T>& block) {
  const double slack = score_slack<T>(block.width);
  for (int64_t i = 0; i < block.size; ++i) {
    const T* row = block.rows + i * block.width;
    const auto [k, distance] = nearest_centre(block, row, block.scores + i * block.clusters, slack);
    block.labels[i] = k;
    block.distances[i] = distance;
    double* __restrict__ sum = block.sums + k * block.width;
    for (int64_t d = 0; d < block.width; ++d)
      sum[d] += static_cast<double>(row[d]);
    ++block.counts[k];
  }
}
CLEAVE_FOR_EVERY_PROCESSOR void assign_rows_of(const RowBlock<float>& block) {
  assign_block(block);
}
CLEAVE_FOR_EVERY_PROCESSOR void assign_rows_of(const RowBlock<double>& block) {
  assign_block(block);
}

/// The squared lengths of `size` adjacent rows.
template <class T>
CLEAVE_INLINED void squared_lengths(const T* rows, const T* origin, int64_t width, int64_t size, double* lengths) {
  for (int64_t i = 0; i < size; ++i)
    lengths[i] = squared_distance(rows + i * width, origin, width);
}
CLEAVE_FOR_EVERY_PROCESSOR
void squared_lengths_of(const float* rows, const float* origin, int64_t width, int64_t size, double* lengths) {
  squared_lengths(rows, origin, width, size, lengths);
}
CLEAVE_FOR_EVERY_PROCESSOR
void squared_lengths_of(const double* rows, const double* origin, int64_t width, int64_t size, double* lengths) {
  squared_lengths(rows, origin, width, size, lengths);
}

/// Sums and counts of each cluster; one set per part.
struct ClusterSums {
  Tensor sums;    ///< [parts, K, X] float64
  Tensor counts;  ///< [parts, K] int64
};

/// Assigns every row, block by block, and adds it to its cluster.
template <class T>
void assign_rows(const Tensor& x, const Tensor& centres, Assignment& result, ClusterSums& clusters) {
  const int64_t width = x.size(1), count = centres.size(0);
  const T* rows = x.const_data_ptr<T>();
  auto* labels = result.labels.data_ptr<int64_t>();
  auto* distances = result.distances.data_ptr<double>();
  auto* sums = clusters.sums.data_ptr<double>();
  auto* counts = clusters.counts.data_ptr<int64_t>();
  const Tensor squared_norms = centres.square().sum(1), transposed = centres.t();

  for_each_block(x.size(0), clusters.counts.size(0), 2 * block_rows(std::max(width, count)),
                 [&](int64_t part, RowRange block) {
                   // |x|^2 is the same for every centre, so |c|^2 - 2 x.c orders them.
                   Tensor scores = at::addmm(squared_norms, x.slice(0, block.first, block.last), transposed, 1, -2);
                   assign_rows_of(RowBlock<T>{.rows = rows + block.first * width,
                                              .centres = centres.const_data_ptr<T>(),
                                              .scores = scores.const_data_ptr<T>(),
                                              .squares = squared_norms.const_data_ptr<T>(),
                                              .size = block.size(),
                                              .width = width,
                                              .clusters = count,
                                              .labels = labels + block.first,
                                              .distances = distances + block.first,
                                              .sums = sums + part * count * width,
                                              .counts = counts + part * count});
                 });
}

struct AssignedSums {
  Assignment assignment;
  Tensor sums;    ///< [K, X] float64
  Tensor counts;  ///< [K] int64
};

AssignedSums assign_and_sum(const Tensor& data, const Tensor& given_centres) {
  Tensor x = checked_matrix(data, "k-means");
  require<ArgumentError>(given_centres.dim() == 2 && given_centres.size(1) == x.size(1) && given_centres.size(0) > 0,
                         "k-means: the centres must be [K, {}]", x.size(1));
  Tensor centres = given_centres.detach().to(x.scalar_type()).contiguous();
  int64_t n = x.size(0), count = centres.size(0), parts = part_count(n, count * x.size(1));
  Assignment result{at::empty({n}, at::kLong), at::empty({n}, at::kDouble)};
  ClusterSums clusters{at::zeros({parts, count, x.size(1)}, at::kDouble), at::zeros({parts, count}, at::kLong)};
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "k-means", [&] { assign_rows<scalar_t>(x, centres, result, clusters); });
  result.inertia = ordered_sum(result.distances);
  require<DataError>(std::isfinite(result.inertia), "k-means: the data hold values that are not finite or too large");
  return {result, clusters.sums.sum(0), clusters.counts.sum(0)};
}

/// Moves each empty cluster to the farthest example whose own cluster can spare it.
int64_t reseed_empty(const Tensor& x, AssignedSums& step) {
  auto* counts = step.counts.data_ptr<int64_t>();
  auto empty = (step.counts == 0).nonzero().flatten();
  if (empty.numel() == 0) return 0;
  Tensor order = step.assignment.distances.argsort(/*stable=*/true, /*dim=*/0, /*descending=*/true);
  const auto* distances = step.assignment.distances.const_data_ptr<double>();
  const auto* labels = step.assignment.labels.const_data_ptr<int64_t>();
  int64_t moved = 0;
  for (int64_t rank = 0; rank < order.size(0) && moved < empty.size(0); ++rank) {
    auto i = order[rank].item<int64_t>();
    if (distances[i] == 0) break;
    if (counts[labels[i]] == 1) continue;
    auto k = empty[moved++].item<int64_t>();
    step.sums[k] += x[i];
    step.sums[labels[i]] -= x[i];
    ++counts[k];
    --counts[labels[i]];
  }
  return moved;
}

/// Mean of x^2 over all entries, NaN or infinite where one is.
double mean_square(const Tensor& x) {
  const int64_t n = x.size(0), width = x.size(1);
  Tensor norms = at::empty({n}, at::kDouble), origin = at::zeros({width}, x.options());
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "mean_square", [&] {
    for_each_block(n, block_rows(width), [&](RowRange block) {
      squared_lengths_of(x.const_data_ptr<scalar_t>() + block.first * width, origin.const_data_ptr<scalar_t>(), width,
                         block.size(), norms.data_ptr<double>() + block.first);
    });
  });
  return ordered_sum(norms) / static_cast<double>(n * width);
}

}  // namespace

// In float64, because nothing is known of where these lie; a fit has its data about their mean.
Assignment assign(const Tensor& x, const Tensor& centres) {
  return assign_and_sum(x.to(at::kDouble), centres.to(at::kDouble)).assignment;
}

LloydStep lloyd_step(const Tensor& x, const Tensor& centres) {
  AssignedSums step = assign_and_sum(x, centres);
  int64_t reseeded = reseed_empty(x, step);
  Tensor means = (step.sums / step.counts.unsqueeze(1)).to(x.scalar_type());
  means = at::where(step.counts.unsqueeze(1) > 0, means, centres.to(x.scalar_type()));
  return {std::move(step.assignment), std::move(means), std::move(step.counts), reseeded};
}

CentredData::CentredData(const Tensor& raw) {
  Tensor checked = checked_matrix(raw, "k-means");
  mean = column_means(checked).to(checked.scalar_type());
  x = checked - mean;
  variance = mean_square(x);
  require<DataError>(std::isfinite(variance), "k-means: the data hold values that are not finite or too large");
}

namespace {

/// Sculley's update: each centre is the running mean of the examples it was nearest to.
void mini_batch_step(const CentredData& data, const KMeansOptions& options, const Randomness& random,
                     KMeansProgress& progress) {
  Tensor rows = at::randint(data.x.size(0), {options.mini_batch},
                            random.stream("mini-batch", static_cast<uint64_t>(progress.iteration)), at::kLong);
  AssignedSums batch = assign_and_sum(data.x.index_select(0, rows), progress.centres);
  progress.counts = progress.counts + batch.counts;
  Tensor weight = progress.counts.clamp_min(1).unsqueeze(1).to(at::kDouble);
  Tensor change = (batch.sums - batch.counts.unsqueeze(1) * progress.centres.to(at::kDouble)) / weight;
  progress.centres = progress.centres + change.to(data.x.scalar_type());
  progress.inertia =
      batch.assignment.inertia * static_cast<double>(data.x.size(0)) / static_cast<double>(options.mini_batch);
}

}  // namespace

void kmeans_iteration(const CentredData& data, const KMeansOptions& options, const Randomness& random,
                      KMeansProgress& progress) {
  Randomness own = random.child("restart", static_cast<uint64_t>(progress.restart));
  if (progress.iteration == 0) {
    progress.centres = kmeans_plus_plus(data.x, options.clusters, own);
    progress.counts = at::zeros({options.clusters}, at::kLong);
  }
  bool settled = false;
  if (options.mini_batch > 0) {
    mini_batch_step(data, options, own, progress);
  } else {
    LloydStep step = lloyd_step(data.x, progress.centres);
    double shift = (step.centres - progress.centres).to(at::kDouble).square().sum().item<double>();
    progress.centres = step.centres;
    progress.counts = step.counts;
    progress.inertia = step.assignment.inertia;
    settled = shift <= options.tolerance * data.variance && step.reseeded == 0;
  }
  if (++progress.iteration < options.max_iterations && !settled) return;

  progress.inertia = assign(data.x, progress.centres).inertia;
  if (progress.inertia < progress.best_inertia) {
    progress.best_inertia = progress.inertia;
    progress.best_restart = progress.restart;
    progress.best_centres = progress.centres;
  }
  progress.iteration = 0;
  progress.finished = ++progress.restart == options.restarts;
}

KMeansResult kmeans(const Tensor& x, const KMeansOptions& options, const Randomness& random,
                    const ShouldStop& should_stop) {
  require<ArgumentError>(options.restarts >= 1 && options.max_iterations >= 1 && options.mini_batch >= 0,
                         "k-means: restarts and iterations must be at least 1, the mini-batch at least 0");
  CentredData data(x);
  KMeansProgress progress;
  int64_t iterations = 0;
  for (; !progress.finished; ++iterations) {
    stop_if_asked(should_stop, "k-means");
    kmeans_iteration(data, options, random, progress);
  }
  return {progress.best_centres + data.mean, assign(data.x, progress.best_centres), progress.best_restart, iterations};
}

}  // namespace cleave::classical
