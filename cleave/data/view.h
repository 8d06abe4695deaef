// What a method may see of a data set: transformed examples, and nothing that evaluation uses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cleave/data/dataset.h"
#include "cleave/data/transforms.h"

namespace cleave::data {

/// The facts about transformed data that a method's defaults and networks depend on.
struct Description {
  Kind kind = Kind::kTable;
  std::vector<int64_t> shape;  ///< of one example
  int64_t width = 0;           ///< X
  int64_t size = 0;            ///< N
  bool unit_interval = false;  ///< every value in [0, 1]
  bool raw_counts = false;     ///< non-negative whole numbers as they were counted
};

class View {
 public:
  /// Neither argument is copied; the data set must outlive the view.
  View(const Dataset& dataset, Pipeline pipeline, Augmentation augmentation = {})
      : dataset_(&dataset), pipeline_(std::move(pipeline)), augmentation_(augmentation) {}

  int64_t size() const { return dataset_->size(); }
  int64_t width() const { return dataset_->width(); }
  const Pipeline& pipeline() const { return pipeline_; }
  Description describe() const;

  /// Transformed examples [B, X] float32 at `indices` [B] int64.
  Tensor rows(const Tensor& indices, int64_t epoch = 0) const;

  /// The same, augmented: what a gradient stage trains on.
  Tensor augmented_rows(const Tensor& indices, int64_t epoch, at::Generator generator) const;

  /// Every example, [N, X] float32: for methods that need the whole matrix.
  Tensor all() const;

 private:
  const Dataset* dataset_;
  Pipeline pipeline_;
  Augmentation augmentation_;
};

}  // namespace cleave::data
