#include "cleave/model/blocks.h"

#include <algorithm>
#include <vector>

namespace cleave::model {

void GatheredRows::add(const Tensor& block) {
  if (!all_.defined()) {
    std::vector<int64_t> shape = block.sizes().vec();
    shape[0] = count_;
    all_ = at::empty(shape, block.options());
  }
  all_.narrow(0, filled_, block.size(0)).copy_(block);
  filled_ += block.size(0);
}

Tensor over_blocks(const data::View& view, const std::function<Tensor(const Tensor&)>& function) {
  constexpr int64_t kBlock = 2048;
  at::NoGradGuard no_grad;
  GatheredRows rows(view.size());
  for (int64_t first = 0; first < view.size(); first += kBlock) {
    rows.add(function(view.rows(at::arange(first, std::min(first + kBlock, view.size()), at::kLong))));
  }
  return rows.all();
}

}  // namespace cleave::model
