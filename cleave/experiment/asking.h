// What a fitted method says of many examples: batch by batch, so that memory stays small.
#pragma once

#include <functional>

#include "cleave/base/tensor.h"
#include "cleave/data/view.h"
#include "cleave/model/model.h"

namespace cleave::experiment {

/// ask(x) of transformed examples x [B, X], for the rows at `indices` [M] int64, side by side: [M, ...].
Tensor ask(const data::View& view, const Tensor& indices, const std::function<Tensor(const Tensor& x)>& ask);

/// At most `most` row numbers, evenly spaced over `size` rows: [M] int64.
Tensor evenly_spaced(int64_t size, int64_t most);

/// Hard clusters, and how sure the method is of each.
struct Assignment {
  Tensor cluster;     ///< [N] int64, -1 for noise
  Tensor confidence;  ///< [N] float32, the largest responsibility
};

/// The most probable cluster of each row of responsibilities [N, K]. A row of zeros is noise.
Assignment most_probable(const Tensor& responsibilities);

/// Assignments of the rows at `indices` under one facet.
Assignment assign(model::Model& model, size_t facet, const data::View& view, const Tensor& indices);

}  // namespace cleave::experiment
