// The forces with which the points of a map push one another apart: exact, by a tree of cells, or on a grid.
//
// Source  van der Maaten. Accelerating t-SNE using tree-based algorithms. JMLR 2014 (Barnes-Hut).
//         Linderman, Rachh, Hoskins, Steinerberger, Kluger. Fast interpolation-based t-SNE. Nature Methods 2019.
// Axes    M points that push, B points that are pushed, D = 1, 2 or 3 dimensions of the map.
//
// With d_j = |t - y_j| a point t feels  sum_j w(d_j) (t - y_j)  and has the total  sum_j k(d_j):
//   Cauchy    k = 1 / (1 + d^2)   w = k^2      t-SNE
//   Gaussian  k = exp(-d^2)       w = k        SNE
// A point that pushes is itself in its total, with k(0) = 1.
#pragma once

#include <cstdint>
#include <memory>

#include "cleave/base/tensor.h"

namespace cleave::classical {

enum class Kernel { kCauchy, kGaussian };

/// How repulsion is summed over all pairs.
enum class Approximation {
  kAuto,          ///< exact for small maps, else on a grid in up to two dimensions, else by a tree
  kExact,         ///< O(M B)
  kBarnesHut,     ///< O(B log M): a cell of points seen under a small angle counts as one point at their mean
  kInterpolated,  ///< O(M + B) and a Fourier transform: kernels between nodes of a grid. D = 1 or 2
};

struct Repulsion {
  Tensor forces;  ///< [B, D] in the type of the points
  Tensor totals;  ///< [B] float64
};

class RepulsiveField {
 public:
  virtual ~RepulsiveField() = default;
  /// y [M, D], D = 1 to 3, floating point and finite. What lies up to `margin` beyond them can be asked about.
  virtual void set_sources(const Tensor& y, double margin = 0) = 0;
  /// targets [B, D] of the type of the sources. The same bits for any number of threads and any rest of the batch.
  virtual Repulsion at(const Tensor& targets) const = 0;
};

/// kAuto decided for a map of that many points.
Approximation resolved(Approximation approximation, int64_t points, int64_t dimensions);

/// A field with the Cauchy kernel. Throws ArgumentError when D is not 1 to 3, or not 1 or 2 for kInterpolated.
std::unique_ptr<RepulsiveField> make_field(Approximation approximation, int64_t points, int64_t dimensions);

/// The exact sums. With `weights` [M] each term is multiplied by that of the point that pushes. With `leave_self_out`
/// the targets are the sources, and no point is in its own total.
Repulsion exact_repulsion(Kernel kernel, const Tensor& targets, const Tensor& sources, const Tensor& weights = {},
                          bool leave_self_out = false);

// The approximate fields, with the Cauchy kernel.

/// `angle`: a cell counts as one point when its width is below angle times its distance. At most 0.5, so that no
/// point is ever outside of a cell that is summarised for it.
std::unique_ptr<RepulsiveField> make_tree_field(double angle = 0.5);

/// `spacing`: of the nodes where the map is wide; the kernel's own width is 1.
std::unique_ptr<RepulsiveField> make_grid_field(double spacing = 0.4);

}  // namespace cleave::classical
