// k-means: cluster centres that minimise the inertia  sum_i min_k |x_i - c_k|^2.
//
// Source  Lloyd. Least squares quantization in PCM. IEEE Trans. Information Theory 1982.
//         Arthur, Vassilvitskii. k-means++: the advantages of careful seeding. SODA 2007.
//         Sculley. Web-scale k-means clustering. WWW 2010 (mini-batches).
// Axes    N examples, X features, K clusters.
#pragma once

#include <cstdint>
#include <limits>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

/// Nearest centre of every example.
struct Assignment {
  Tensor labels;     ///< [N] int64; of equally near centres the first
  Tensor distances;  ///< [N] float64, squared distance to that centre
  double inertia = 0;
};

/// One iteration: the assignment to the given centres, and the centres that follow from it.
struct LloydStep {
  Assignment assignment;
  Tensor centres;        ///< [K, X], the mean of each cluster
  Tensor counts;         ///< [K] int64, examples per cluster
  int64_t reseeded = 0;  ///< empty clusters that were moved to a far example
};

/// Throws ArgumentError when the shapes do not fit, DataError when a distance is not finite.
Assignment assign(const Tensor& x, const Tensor& centres);

/// One pass over x [N, X]. An empty cluster takes the example farthest from its centre, as long as there is one that
/// lies off its centre and is not alone in its cluster; otherwise its centre stays. Throws as assign() does.
LloydStep lloyd_step(const Tensor& x, const Tensor& centres);

/// K examples as first centres: each next one is the best of 2 + log K candidates drawn in proportion to the squared
/// distance to the centres chosen so far (the greedy variant that Arthur and Vassilvitskii mention in section 5).
/// With fewer distinct examples than K, the rest are copies. Distances that the triangle inequality tells are not
/// computed: K log K N X at worst, far less when there are clusters. Throws ArgumentError when K < 1 or K > N.
Tensor kmeans_plus_plus(const Tensor& x, int64_t clusters, const Randomness& random);

struct KMeansOptions {
  int64_t clusters = 10;
  int64_t restarts = 10;         ///< fits from different first centres, of which the one of least inertia is kept
  int64_t max_iterations = 300;  ///< per restart
  double tolerance = 1e-4;       ///< stop when sum_k |c_k - c_k'|^2 <= tolerance * mean variance of a feature
  int64_t mini_batch = 0;        ///< examples per iteration; 0 takes all (Lloyd)
};

/// Everything that one iteration leaves to the next. A fit stopped after any iteration goes on from here.
struct KMeansProgress {
  int64_t restart = 0;
  int64_t iteration = 0;  ///< within the restart
  Tensor centres;         ///< [K, X] float; undefined before the first iteration of a restart
  Tensor counts;          ///< [K] int64, examples that each centre has averaged (mini-batches)
  Tensor best_centres;    ///< of the finished restarts
  double best_inertia = std::numeric_limits<double>::infinity();
  int64_t best_restart = -1;
  double inertia = 0;  ///< of the latest assignment; of the mini-batch, scaled to N, where there are mini-batches
  bool finished = false;
};

/// The data as the iterations see them: about their mean, which keeps digits where the data lie far from the origin.
struct CentredData {
  Tensor x;             ///< [N, X]
  Tensor mean;          ///< [X]
  double variance = 0;  ///< mean over the features
  explicit CentredData(const Tensor& raw);
};

/// One iteration of the current restart; centres in `progress` are relative to data.mean. Depends on nothing but its
/// arguments. Throws ArgumentError when K > N, DataError when the data are not finite.
void kmeans_iteration(const CentredData& data, const KMeansOptions& options, const Randomness& random,
                      KMeansProgress& progress);

struct KMeansResult {
  Tensor centres;  ///< [K, X] in the type of the data
  Assignment assignment;
  int64_t best_restart = 0;
  int64_t iterations = 0;  ///< of all restarts together
};

/// The whole fit. Throws as kmeans_iteration() does, and Interrupted.
KMeansResult kmeans(const Tensor& x, const KMeansOptions& options, const Randomness& random,
                    const ShouldStop& should_stop = {});

}  // namespace cleave::classical
