#include "cleave/data/view.h"

namespace cleave::data {

Description View::describe() const {
  return {dataset_->kind, dataset_->shape, width(), size(), pipeline_.unit_interval()};
}

Tensor View::rows(const Tensor& indices, int64_t epoch) const {
  return pipeline_.forward(dataset_->examples.rows(indices), indices, epoch);
}

Tensor View::augmented_rows(const Tensor& indices, int64_t epoch, at::Generator generator) const {
  if (augmentation_.none()) return rows(indices, epoch);
  const Tensor x = augmentation_(dataset_->examples.rows(indices), dataset_->shape, std::move(generator));
  return pipeline_.forward(x, indices, epoch);
}

Tensor View::all() const {
  return rows(at::arange(size(), at::kLong));
}

}  // namespace cleave::data
