// Transforms by name, fitted once on the training data and saved with the run.
//
//   unit         pixels to [0, 1]                           x / largest
//   dec          mean squared norm per dimension one        x * sqrt(X N / sum x^2)   (Xie et al. 2016)
//   l2           rows of unit Euclidean norm
//   standardise  features of mean 0 and variance 1; constant features become 0
//   size-factor  counts divided by their row total over the median total
//   log1p        log(1 + x)
//   threshold    1 where x > 1/2, else 0 (after unit)
//   static       one Bernoulli draw per pixel and data set, the same in every epoch
//   dynamic      one Bernoulli draw per pixel and epoch
//   none         values as stored
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cleave/base/random.h"
#include "cleave/data/dataset.h"

namespace cleave::data {

/// A list of transforms, applied in order.
class Pipeline {
 public:
  Pipeline() = default;

  /// Fits the named transforms, in order, on the data. "auto" stands for the recommended list for the kind of data:
  /// images "unit"; counts "none" for a count likelihood (raw_counts) and "size-factor,log1p" otherwise; text "dec";
  /// tables "standardise".
  /// Throws ArgumentError for an unknown name, DataError where a transform does not apply (log1p of negative values).
  static Pipeline fit(const std::vector<std::string>& names, const Dataset& dataset, const Randomness& random,
                      bool raw_counts = false);

  /// The pipeline that names() and state() of another describe. Throws CorruptFileError when they do not fit.
  static Pipeline restore(const std::vector<std::string>& names, const std::map<std::string, Tensor>& state);

  const std::vector<std::string>& names() const { return names_; }       ///< resolved: never "auto"
  const std::map<std::string, Tensor>& state() const { return state_; }  ///< fitted values, for saving

  /// x [B, X] float32 as stored -> [B, X] transformed. `indices` [B] int64 and `epoch` only matter to the binarising
  /// transforms: what is drawn is a pure function of (seed, epoch, row).
  Tensor forward(const Tensor& x, const Tensor& indices, int64_t epoch = 0) const;

  /// Transformed values back to the stored scale, as far as they can be: row totals, norms and binarisation are lost.
  Tensor inverse(const Tensor& x) const;

  /// True when every transformed value lies in [0, 1].
  bool unit_interval() const { return unit_interval_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, Tensor> state_;
  bool unit_interval_ = false;
};

/// Random small changes of images, drawn anew for every example and epoch.
struct Augmentation {
  double rotation = 0;  ///< largest angle, degrees
  double shift = 0;     ///< largest shift, pixels
  double scale = 0;     ///< largest relative change of size

  bool none() const { return rotation == 0 && shift == 0 && scale == 0; }

  /// x [B, C*H*W] of images of `shape` {C, H, W} -> the same, each rotated, scaled and shifted, bilinear, zero outside.
  Tensor operator()(const Tensor& x, const std::vector<int64_t>& shape, at::Generator generator) const;
};

}  // namespace cleave::data
