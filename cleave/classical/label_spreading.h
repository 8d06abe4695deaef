// A few labels passed on along the edges of a neighbour graph until neighbours agree.
//
// Source  Zhou, Bousquet, Lal, Weston, Schoelkopf. Learning with local and global consistency. NIPS 2003.
//         Zhu, Ghahramani, Lafferty. Semi-supervised learning using Gaussian fields. ICML 2003 (class mass).
// Axes    N examples, K classes.
#pragma once

#include <cstdint>

#include "cleave/classical/rows.h"
#include "cleave/classical/sparse_rows.h"

namespace cleave::classical {

/// Shares F = (1 - a) (I - a D^-1/2 W D^-1/2)^-1 Y of the classes in every example, [N, K] float32, by iteration until
/// what is left is below a thousandth; a = `passed_on`. Each class is then scaled so that its share of all is that
/// among the labels. A row of zeros is an example that no label reaches. y [N] int64, -1 where there is no label; W
/// symmetric and not negative. Throws ArgumentError when y does not fit the graph, Interrupted.
Tensor spread_labels(const SparseRows& graph, const Tensor& y, int64_t classes, double passed_on = 0.99,
                     const ShouldStop& should_stop = {});

}  // namespace cleave::classical
