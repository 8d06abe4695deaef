// What is computed of a data set block by block.
#pragma once

#include <functional>

#include "cleave/base/tensor.h"
#include "cleave/data/view.h"

namespace cleave::model {

/// Rows that come in blocks, in one tensor: kept apart until the last has come, they would take twice the memory.
class GatheredRows {
 public:
  explicit GatheredRows(int64_t count) : count_(count) {}

  /// The next rows, [B, ...]; all blocks together have as many as were announced.
  void add(const Tensor& block);

  /// All rows in the order in which they came, [count, ...]; undefined before the first block.
  const Tensor& all() const { return all_; }

 private:
  int64_t count_, filled_ = 0;
  Tensor all_;
};

/// function(x [B, X]) -> [B, ...] over all examples of the view, in order, without gradients: [N, ...].
/// Blocks bound the memory; the result does not depend on them beyond rounding.
Tensor over_blocks(const data::View& view, const std::function<Tensor(const Tensor&)>& function);

}  // namespace cleave::model
