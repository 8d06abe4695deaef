#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/Dispatch.h>

#include "cleave/base/error.h"
#include "cleave/classical/kmeans.h"
#include "cleave/classical/lanes.h"
#include "cleave/classical/processors.h"

namespace cleave::classical {

namespace {

/// Nothing is nearer to a candidate than to its own centre when these two are more than twice as far apart as it is
/// from its centre (Raff. Exact acceleration of k-means++ and k-means||. IJCAI 2021). Of squares, and a little more for
/// the rounding of distances.
constexpr double kTwiceAsFar = 4.001;

/// Rows and the centres chosen so far.
template <class T>
struct Chosen {
  const T* rows;  ///< [N, X]
  int64_t width;
  double* nearest;  ///< [N] squared distances to the nearest centre
  int32_t* owner;   ///< [N] which one that is
};

/// Rows of x among which the next centre is looked for.
template <class T>
struct Candidates {
  std::vector<const T*> rows;
  std::vector<double> apart;  ///< [K, C] squared distances of the chosen centres to them
  int64_t count() const { return static_cast<int64_t>(rows.size()); }
};

/// Adds to gains [C] by how much each candidate would shorten the squared distances of a block of rows.
template <class T>
CLEAVE_INLINED void add_gains(const Chosen<T>& chosen, const Candidates<T>& candidates, RowRange block, double* gains) {
  const int64_t count = candidates.count();
  for (int64_t i = block.first; i < block.last; ++i) {
    const double* apart = candidates.apart.data() + chosen.owner[i] * count;
    const double nearest = chosen.nearest[i];
    for (int64_t c = 0; c < count; ++c) {
      if (apart[c] >= kTwiceAsFar * nearest) continue;
      const double distance =
          squared_distance(chosen.rows + i * chosen.width, candidates.rows[static_cast<size_t>(c)], chosen.width);
      gains[c] += std::max(nearest - distance, 0.0);
    }
  }
}
CLEAVE_FOR_EVERY_PROCESSOR
void add_gains_of(const Chosen<float>& chosen, const Candidates<float>& candidates, RowRange block, double* gains) {
  add_gains(chosen, candidates, block, gains);
}
CLEAVE_FOR_EVERY_PROCESSOR
void add_gains_of(const Chosen<double>& chosen, const Candidates<double>& candidates, RowRange block, double* gains) {
  add_gains(chosen, candidates, block, gains);
}

/// Makes candidate c centre number k for the rows of a block that are nearer to it.
template <class T>
CLEAVE_INLINED void choose(const Chosen<T>& chosen, const Candidates<T>& candidates, size_t c, int32_t k,
                           RowRange block) {
  for (int64_t i = block.first; i < block.last; ++i) {
    const double apart = candidates.apart[static_cast<size_t>(chosen.owner[i] * candidates.count()) + c];
    if (apart >= kTwiceAsFar * chosen.nearest[i]) continue;
    const double distance = squared_distance(chosen.rows + i * chosen.width, candidates.rows[c], chosen.width);
    if (distance >= chosen.nearest[i]) continue;
    chosen.nearest[i] = distance;
    chosen.owner[i] = k;
  }
}
CLEAVE_FOR_EVERY_PROCESSOR
void choose_of(const Chosen<float>& chosen, const Candidates<float>& candidates, size_t c, int32_t k, RowRange block) {
  choose(chosen, candidates, c, k, block);
}
CLEAVE_FOR_EVERY_PROCESSOR
void choose_of(const Chosen<double>& chosen, const Candidates<double>& candidates, size_t c, int32_t k,
               RowRange block) {
  choose(chosen, candidates, c, k, block);
}

/// Rows of x that become the centres, [K].
template <class T>
std::vector<int64_t> chosen_rows(const Tensor& x, int64_t clusters, at::Generator generator) {
  const int64_t n = x.size(0), width = x.size(1), block = block_rows(width);
  const auto trials = 2 + static_cast<int64_t>(std::log(static_cast<double>(clusters)));
  const T* rows = x.const_data_ptr<T>();
  Tensor nearest = at::empty({n}, at::kDouble), owner = at::zeros({n}, at::kInt);
  Chosen<T> chosen = {rows, width, nearest.data_ptr<double>(), owner.data_ptr<int32_t>()};

  std::vector<int64_t> centres = {at::randint(n, {1}, generator, at::kLong).item<int64_t>()};
  nearest.fill_(kInfinity);
  Candidates<T> first = {{rows + centres[0] * width}, {0}};
  for_each_block(n, block, [&](RowRange part) { choose_of(chosen, first, 0, 0, part); });
  while (static_cast<int64_t>(centres.size()) < clusters) {
    const Tensor cumulative = nearest.cumsum(0);
    const Tensor threshold = at::rand({trials}, generator, at::kDouble) * cumulative[-1];
    const Tensor drawn = at::searchsorted(cumulative, threshold, /*out_int32=*/false, /*right=*/true).clamp_max_(n - 1);
    Candidates<T> candidates;
    for (int64_t c = 0; c < trials; ++c)
      candidates.rows.push_back(rows + drawn[c].item<int64_t>() * width);
    for (int64_t centre : centres) {
      for (const T* candidate : candidates.rows)
        candidates.apart.push_back(squared_distance(rows + centre * width, candidate, width));
    }
    const int64_t parts = part_count(n, trials);
    Tensor gains = at::zeros({parts, trials}, at::kDouble);
    for_each_block(n, parts, block, [&](int64_t part, RowRange some) {
      add_gains_of(chosen, candidates, some, gains.data_ptr<double>() + part * trials);
    });
    const auto best = gains.sum(0).argmax().item<int64_t>();
    const auto k = static_cast<int32_t>(centres.size());
    for_each_block(n, block, [&](RowRange some) { choose_of(chosen, candidates, static_cast<size_t>(best), k, some); });
    centres.push_back(drawn[best].item<int64_t>());
  }
  return centres;
}

}  // namespace

Tensor kmeans_plus_plus(const Tensor& data, int64_t clusters, const Randomness& random) {
  const Tensor x = checked_matrix(data, "k-means");
  const int64_t n = x.size(0);
  require<ArgumentError>(clusters >= 1, "k-means: the number of clusters must be at least 1, not {}", clusters);
  require<ArgumentError>(clusters <= n, "k-means: {} clusters asked of {} examples; ask for at most {}", clusters, n,
                         n);
  std::vector<int64_t> centres;
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "k-means++",
                             [&] { centres = chosen_rows<scalar_t>(x, clusters, random.stream("k-means++")); });
  return x.index_select(0, at::tensor(centres, at::kLong));
}

}  // namespace cleave::classical
