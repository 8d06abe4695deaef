#include "cleave/data/view.h"

namespace cleave::data {

Description View::describe() const {
  bool untouched = pipeline_.names().empty() || pipeline_.names() == std::vector<std::string>{"none"};
  return {.kind = dataset_->kind,
          .shape = dataset_->shape,
          .width = width(),
          .size = size(),
          .unit_interval = pipeline_.unit_interval(),
          .raw_counts = dataset_->kind == Kind::kCounts && untouched,
          .classes = labels_.class_count()};
}

Tensor View::labels(const Tensor& indices) const {
  return labels_.classes.defined() ? labels_.classes.index_select(0, indices) : Tensor();
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
