// Which examples are near one another, as probabilities: the input side of SNE and t-SNE.
//
// Source  Hinton, Roweis. Stochastic neighbor embedding. NIPS 2002.
//         van der Maaten, Hinton. Visualizing data using t-SNE. JMLR 2008.
// Axes    N examples, X features, k neighbours of each, E stored pairs.
#pragma once

#include <cstdint>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"
#include "cleave/classical/sparse_rows.h"

namespace cleave::classical {

/// p_{j|i} = exp(-b_i d_ij^2) / sum_l exp(-b_i d_il^2) over the neighbours that are given.
struct Conditionals {
  Tensor probabilities;  ///< [N, k] float64, each row sums to 1
  Tensor precisions;     ///< [N] float64, b_i = 1 / (2 sigma_i^2), such that the entropy is the log of the perplexity
  Tensor entropies;      ///< [N] float64, nats
};

/// squared_distances [N, k] >= 0, in any order. Where more than `perplexity` neighbours are equally near and nearest,
/// no precision will do: those share the row equally. Throws ArgumentError unless 1 <= perplexity < k or all is 1.
Conditionals conditionals(const Tensor& squared_distances, double perplexity);

/// p_ij = (p_{j|i} + p_{i|j}) / 2N, which sums to 1, with values of the given type.
/// indices [N, k] int64, without i in row i and without repetition; probabilities [N, k] float64.
SparseRows joint_probabilities(const Tensor& indices, const Tensor& probabilities, at::ScalarType type);

/// Largest perplexity that N examples allow, (N - 1) / 3: so many neighbours each that three times as many are there.
double largest_perplexity(int64_t examples);

struct Affinities {
  SparseRows joint;        ///< p_ij, in the type of the data
  double entropy = 0;      ///< of the joint, -sum_ij p_ij log p_ij, nats
  double row_entropy = 0;  ///< mean over i of that of p_{.|i}, nats

  int64_t size() const { return joint.rows(); }
};

/// Which other examples have a share in a row of p_{j|i}.
enum class Reach {
  kNearest,  ///< the 3 * perplexity nearest, beyond which little more than 1 % of a Gaussian lies
  kAll,      ///< all of them while there are at most 3000, else the nearest
};

/// The affinities of x [N, X] by Euclidean distance. `random` decides how near neighbours are found in large data.
/// Throws ArgumentError when N < 4 or the perplexity is not in [1, largest_perplexity(N)], DataError when values are
/// not finite, Interrupted.
Affinities affinities(const Tensor& x, double perplexity, Reach reach, const Randomness& random,
                      const ShouldStop& should_stop = {});

}  // namespace cleave::classical
