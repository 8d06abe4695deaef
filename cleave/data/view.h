// What a method may see of a data set: transformed examples, and labels only where it was given them to learn from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cleave/data/dataset.h"
#include "cleave/data/given_labels.h"
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
  int64_t classes = 0;         ///< of the labels that the method is given; 0 without
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

  /// From now on the method sees these labels.
  void give(GivenLabels labels);

  /// The labels given for the examples at `indices`, [B] int64, -1 where there is none; undefined when none were given.
  Tensor labels(const Tensor& indices) const;

  /// Indices [count] int64 of labelled examples: the classes that have any take turns, and no example comes twice
  /// before all of its class have come. Throws DataError when no example has a label.
  Tensor draw_labelled(int64_t count, at::Generator generator) const;

  /// Every example, [N, X] float32: for methods that need the whole matrix.
  Tensor all() const;

 private:
  const Dataset* dataset_;
  Pipeline pipeline_;
  Augmentation augmentation_;
  GivenLabels labels_;
  std::vector<Tensor> labelled_;  ///< per class that has any: indices of its examples
};

}  // namespace cleave::data
