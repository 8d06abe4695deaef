#include "cleave/model/blocks.h"

#include <algorithm>
#include <vector>

namespace cleave::model {

Tensor over_blocks(const data::View& view, const std::function<Tensor(const Tensor&)>& function) {
  constexpr int64_t kBlock = 2048;
  at::NoGradGuard no_grad;
  std::vector<Tensor> blocks;
  for (int64_t first = 0; first < view.size(); first += kBlock) {
    blocks.push_back(function(view.rows(at::arange(first, std::min(first + kBlock, view.size()), at::kLong))));
  }
  return at::cat(blocks);
}

}  // namespace cleave::model
