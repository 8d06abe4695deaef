#include "cleave/model/fitted_rows.h"

#include "cleave/base/checksum.h"

namespace cleave::model {

namespace {

Tensor hashes_of(const Tensor& x) {
  Tensor rows = x.detach().to(at::kFloat).contiguous();
  const auto width = static_cast<size_t>(rows.size(1));
  Tensor hashes = at::empty({rows.size(0)}, at::kLong);
  for (int64_t i = 0; i < rows.size(0); ++i) {
    const float* row = rows.const_data_ptr<float>() + static_cast<size_t>(i) * width;
    hashes.data_ptr<int64_t>()[i] = static_cast<int64_t>(hash64(row, width * sizeof(float)));
  }
  return hashes;
}

}  // namespace

FittedRows::FittedRows(torch::nn::Module& owner)
    : hashes_(owner.register_buffer("fitted_hashes", at::empty({0}, at::kLong))),
      positions_(owner.register_buffer("fitted_positions", at::empty({0}, at::kLong))) {}

void FittedRows::remember(const Tensor& x) {
  auto [hashes, positions] = hashes_of(x).sort(/*stable=*/true, /*dim=*/0, /*descending=*/false);
  hashes_.set_data(hashes);
  positions_.set_data(positions);
}

Tensor FittedRows::find(const Tensor& x) const {
  if (hashes_.size(0) == 0) return at::full({x.size(0)}, -1, at::kLong);
  Tensor wanted = hashes_of(x);
  Tensor place = at::searchsorted(hashes_, wanted).clamp_max(hashes_.size(0) - 1);
  return at::where(hashes_.take(place) == wanted, positions_.take(place), -1);
}

}  // namespace cleave::model
