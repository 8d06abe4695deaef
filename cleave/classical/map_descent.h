// Finding a map of least cost: where it starts, one step of its descent, and where new points go in it.
//
// Source  Jacobs. Increased rates of convergence through learning rate adaptation. Neural Networks 1988 (gains).
//         Belkina et al. Automated optimized parameters for t-SNE. Nature Communications 2019 (learning rate).
//         Kobak, Berens. The art of using t-SNE for single-cell transcriptomics. Nature Communications 2019 (start).
//         Policar, Strazar, Zupan. Embedding to reference t-SNE space addresses batch effects. 2019 (new points).
// Axes    N points, D = 1 to 3 dimensions of the map.
#pragma once

#include <cstdint>
#include <limits>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/classical/affinities.h"
#include "cleave/classical/map_cost.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

/// Where the points of a map are at first.
enum class MapStart {
  kPca,       ///< on the principal components
  kSpectral,  ///< on the leading eigenvectors of the affinities
  kRandom,    ///< normally distributed
};

/// x [N, X], p its affinities -> a map [N, D] in the type of x whose first column has the standard deviation 1e-4, and
/// in which no two points are in one place. Throws Interrupted (kSpectral).
Tensor first_map(const Tensor& x, const Affinities& p, int64_t dimensions, MapStart start, const Randomness& random,
                 const ShouldStop& should_stop = {});

struct MapOptions {
  int64_t iterations = 750;
  int64_t early_iterations = 250;  ///< so many of them with exaggerated affinities, which lets clusters pass each other
  double early_exaggeration = 12;
  double learning_rate = 0;  ///< of a quarter of the gradient; 0 takes N / exaggeration
  double momentum = 0.8;
  double longest_step = 5;  ///< of a point in one iteration
  int64_t cost_every = 50;  ///< iterations
};

/// Everything that one iteration leaves to the next. A descent stopped after any iteration goes on from here.
struct MapProgress {
  int64_t iteration = 0;
  Tensor map;                                              ///< [N, D], about its mean
  Tensor update;                                           ///< [N, D], the latest step; undefined before the first
  Tensor gains;                                            ///< [N, D], what multiplies the learning rate
  double cost = std::numeric_limits<double>::quiet_NaN();  ///< when it was last computed
  bool finished = false;
};

/// One step down. The cost is computed every `cost_every` iterations, before the step, and after the last one.
/// Depends on nothing but its arguments. `scale` multiplies the gradient: 1 / N for a cost that is a sum over examples.
/// Throws NumericalError when the map stops being finite.
void map_iteration(const MapCost& cost, const MapOptions& options, MapProgress& progress, double scale = 1);

/// The map of least cost found from `start` on. Throws as map_iteration() does, and Interrupted.
MapProgress descend(const MapCost& cost, const Tensor& start, const MapOptions& options, double scale = 1,
                    const ShouldStop& should_stop = {});

/// A finished map and its examples, into which new ones are placed.
struct PlacedMap {
  Tensor x;    ///< [N, X] examples
  Tensor map;  ///< [N, D]
  Kernel kernel = Kernel::kCauchy;
};

/// Places for new examples [B, X], [B, D] float, each by itself: from the median of its nearest examples' points, down
/// the divergence KL(P_i | Q_i) from its affinities to the points of the map, which stay where they are.
/// Throws ArgumentError when widths differ, DataError when values are not finite, Interrupted.
Tensor place(const Tensor& examples, const PlacedMap& fitted, const ShouldStop& should_stop = {});

}  // namespace cleave::classical
