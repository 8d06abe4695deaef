// The algorithms behind agglomerate(), one per kind of linkage. Each returns the N - 1 joins of x [N, X], which is
// checked.
#pragma once

#include <vector>

#include "cleave/base/tensor.h"
#include "cleave/classical/agglomerative.h"

namespace cleave::classical {

// ward_linkage.cpp
std::vector<Join> ward_joins(const Tensor& x, const ShouldStop& should_stop);

// centroid_linkage.cpp
std::vector<Join> centroid_joins(const Tensor& x, const ShouldStop& should_stop);

// matrix_linkage.cpp: complete and average
std::vector<Join> matrix_joins(const Tensor& x, Linkage linkage, double memory, const ShouldStop& should_stop);

// connected_linkage.cpp
std::vector<Join> connected_joins(const Tensor& x, Linkage linkage, int64_t neighbours, const ShouldStop& should_stop);

}  // namespace cleave::classical
