// Spectral maps of weighted graphs.
//
// Source  Belkin, Niyogi. Laplacian eigenmaps for dimensionality reduction and data representation. Neural Computation
//         2003. The eigenvectors by subspace iteration through a Chebyshev filter: Zhou, Saad, Tiago, Chelikowsky.
//         Self-consistent-field calculations using Chebyshev-filtered subspace iteration. J. Comp. Physics 2006.
// Axes    N vertices, E stored edges, D dimensions.
#pragma once

#include <cstdint>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"
#include "cleave/classical/sparse_rows.h"

namespace cleave::classical {

/// Eigenvectors of the normalised Laplacian  I - W^-1/2 A W^-1/2  (W the vertex degrees) of the D least eigenvalues
/// above the first, [N, D] float32 of unit length. Good to a few per cent of each eigenvalue, enough to begin a map
/// with; of a connected graph with N > D + 1. The same for any number of threads. Throws Interrupted.
Tensor spectral_map(const SparseRows& graph, int64_t dimensions, const Randomness& random,
                    const ShouldStop& should_stop = {});

}  // namespace cleave::classical
