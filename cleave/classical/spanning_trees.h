// The algorithms behind minimum_spanning_tree(): x [N, X] is checked, squared_cores [N] float64 or undefined.
#pragma once

#include <cstdint>

#include "cleave/classical/spanning_tree.h"

namespace cleave::classical {

inline constexpr int64_t kBallSize = 128;  // points per ball

// prim_tree.cpp: for few examples
SpanningTree prim_tree(const Tensor& x, const Tensor& squared_cores, const ShouldStop& should_stop);

// boruvka_tree.cpp: for many; `known` [N, k] int64, the neighbours of each example, nearest first
SpanningTree boruvka_tree(const Tensor& x, const Tensor& squared_cores, const Tensor& known,
                          const ShouldStop& should_stop);

}  // namespace cleave::classical
