#include "cleave/data/view.h"

#include "cleave/base/error.h"

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

void View::give(GivenLabels labels) {
  labels_ = std::move(labels);
  labelled_.clear();
  for (int64_t k = 0; k < labels_.class_count(); ++k) {
    Tensor of_class = labels_.classes.eq(k).nonzero().flatten();
    if (of_class.numel() > 0) labelled_.push_back(of_class);
  }
}

Tensor View::labels(const Tensor& indices) const {
  return labels_.classes.defined() ? labels_.classes.index_select(0, indices) : Tensor();
}

Tensor View::draw_labelled(int64_t count, at::Generator generator) const {
  require<DataError>(!labelled_.empty(), "no example has a label to learn from");
  const auto classes = static_cast<int64_t>(labelled_.size());
  Tensor turn = (at::arange(count) + at::randint(classes, {1}, generator, at::kLong)) % classes;
  Tensor drawn = at::empty({count}, at::kLong);
  for (int64_t k = 0; k < classes; ++k) {
    const Tensor places = turn.eq(k).nonzero().flatten(),
                 order = at::randperm(labelled_[k].size(0), generator, at::kLong);
    drawn.index_copy_(0, places,
                      labelled_[k].index_select(0, order.index_select(0, at::arange(places.size(0)) % order.size(0))));
  }
  return drawn;
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
