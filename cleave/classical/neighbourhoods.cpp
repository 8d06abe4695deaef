#include "cleave/classical/neighbourhoods.h"

#include <algorithm>

namespace cleave::classical {

int64_t shared(const int64_t* a, const int64_t* a_end, const int64_t* b, const int64_t* b_end) {
  int64_t count = 0;
  while (a != a_end && b != b_end) {
    count += *a == *b;
    const bool step_a = *a <= *b, step_b = *b <= *a;
    a += step_a;
    b += step_b;
  }
  return count;
}

Neighbourhoods::Neighbourhoods(const Tensor& indices)
    : Neighbourhoods(at::arange(indices.size(0) + 1) * indices.size(1), indices.flatten()) {}

Neighbourhoods::Neighbourhoods(const Tensor& offsets, const Tensor& targets) {
  const Tensor first = offsets.contiguous(), all = targets.contiguous();
  const auto* offset = first.const_data_ptr<int64_t>();
  const auto* target = all.const_data_ptr<int64_t>();
  const int64_t n = first.size(0) - 1;
  starts_.reserve(static_cast<size_t>(n) + 1);
  members_.reserve(static_cast<size_t>(all.size(0) + n));
  starts_.push_back(0);
  for (int64_t i = 0; i < n; ++i) {
    members_.insert(members_.end(), target + offset[i], target + offset[i + 1]);
    members_.push_back(i);
    std::sort(members_.begin() + starts_.back(), members_.end());
    starts_.push_back(static_cast<int64_t>(members_.size()));
    largest_ = std::max(largest_, size(i));
  }
}

}  // namespace cleave::classical
