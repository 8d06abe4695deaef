// Principal component analysis.
//
// Source  Pearson. On lines and planes of closest fit to systems of points in space. 1901. Hotelling 1933.
// Axes    N examples, X features, D components.
#pragma once

#include <cstdint>

#include "cleave/base/tensor.h"

namespace cleave::classical {

/// An orthonormal basis of the directions of largest variance, all in the type of the data.
struct Pca {
  Tensor mean;                ///< [X]
  Tensor components;          ///< [D, X] orthonormal rows, by falling variance; the largest entry of each is positive
  Tensor explained_variance;  ///< [D], with N - 1 in the denominator
  double total_variance = 0;  ///< of all X directions

  Tensor transform(const Tensor& x) const;  ///< x [B, X] -> codes [B, D]
  Tensor inverse(const Tensor& z) const;    ///< codes [B, D] -> the nearest point [B, X] of the plane
};

/// The first `dimensions` components of x [N, X]. Works on the covariance [X, X] when N > X, whose products are
/// those of blocks of rows in the type of the data, summed and decomposed in float64, and by singular values in float64
/// otherwise; where few components of thousands are asked, by leading_eigenpairs(). Directions
/// without variance are arbitrary but orthonormal. Throws ArgumentError unless 1 <= dimensions <= min(N, X), DataError
/// when the data are not finite.
Pca fit_pca(const Tensor& x, int64_t dimensions);

/// Codes of x [N, X] in its own first `most` components; x itself where it is no wider, or `most` is 0.
Tensor reduced_to(const Tensor& x, int64_t most);

}  // namespace cleave::classical
