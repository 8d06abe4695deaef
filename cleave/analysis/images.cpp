#include "cleave/analysis/images.h"

#include <limits>
#include <vector>

namespace cleave::analysis {
namespace {

/// [rows, X] on the stored scale as [leading.., C, H, W] in [0, 1].
Tensor as_images(const Tensor& stored, const data::Dataset& dataset, at::IntArrayRef leading) {
  std::vector<int64_t> shape = leading.vec();
  shape.insert(shape.end(), dataset.shape.begin(), dataset.shape.end());
  return (stored.to(at::kFloat) / dataset.largest).clamp(0, 1).reshape(shape);
}

}  // namespace

bool shows_images(const data::Dataset& dataset) {
  return dataset.kind == data::Kind::kImage && dataset.shape.size() == 3;
}

Tensor stored_images(const data::Dataset& dataset, const Tensor& rows) {
  Tensor flat = rows.flatten();
  Tensor images = as_images(dataset.examples.rows(flat.clamp_min(0)), dataset, flat.sizes());
  images.index_put_({flat.lt(0)}, at::scalar_tensor(std::numeric_limits<float>::quiet_NaN()));
  std::vector<int64_t> shape = rows.sizes().vec();
  shape.insert(shape.end(), dataset.shape.begin(), dataset.shape.end());
  return images.reshape(shape);
}

Tensor decoded_images(const data::Dataset& dataset, const data::View& view, const Tensor& x) {
  Tensor flat = x.reshape({-1, x.size(-1)});
  return as_images(view.pipeline().inverse(flat), dataset, x.sizes().slice(0, static_cast<size_t>(x.dim() - 1)));
}

}  // namespace cleave::analysis
