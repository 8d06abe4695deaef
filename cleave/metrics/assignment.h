// The linear assignment problem.
#pragma once

#include <cstdint>
#include <vector>

#include "cleave/base/tensor.h"

namespace cleave::metrics {

/// The column matched to each row of gain [R, C] such that the sum of the matched gains is largest; -1 for rows left
/// over when R > C. O(min(R, C)^2 max(R, C)).
/// Source: Kuhn 1955, Munkres 1957, in the shortest-path form of Jonker and Volgenant, Computing 38, 1987.
/// Throws ArgumentError unless gain is a matrix of finite numbers.
std::vector<int64_t> best_assignment(const Tensor& gain);

}  // namespace cleave::metrics
