// The first few eigenpairs of a symmetric matrix that is known by its products alone.
//
// Source  Golub, Underwood. The block Lanczos method for computing eigenvalues. Mathematical Software III, 1977.
//         Wu, Simon. Thick-restart Lanczos method for large symmetric eigenvalue problems. SIAM J. Matrix Anal. Appl.
//         22, 2000; here with blocks, and all of the basis kept orthogonal.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "cleave/base/tensor.h"

namespace cleave::classical {

struct Eigenpairs {
  Tensor values;   ///< [D] float64, falling
  Tensor vectors;  ///< [X, D] float64, orthonormal
};

/// The `count` = D largest eigenpairs of a symmetric positive semidefinite matrix S [X, X]; `times` maps V [X, B]
/// float64 to S V. Each is exact for a matrix that differs from S by less than 1e-8 of the largest eigenvalue. Nothing
/// when they have not settled after `most` products. Copies of an eigenvalue beyond 16 are found by rounding alone. The
/// same for any number of threads, if `times` is.
std::optional<Eigenpairs> leading_eigenpairs(const std::function<Tensor(const Tensor&)>& times, int64_t size,
                                             int64_t count, int64_t most = 400);

}  // namespace cleave::classical
