// From numbers back to pictures in [0, 1].
//
// Axes: C channels, H rows, W columns of an image; X = C H W.
#pragma once

#include "cleave/base/tensor.h"
#include "cleave/data/dataset.h"
#include "cleave/data/view.h"

namespace cleave::analysis {

/// True when examples can be shown as images: the data say so and have a shape [C, H, W].
bool shows_images(const data::Dataset& dataset);

/// The images of row numbers of any shape [..], as stored: [.., C, H, W] in [0, 1]; NaN where a row number is -1.
Tensor stored_images(const data::Dataset& dataset, const Tensor& rows);

/// Transformed examples [.., X] (a decoder's, say) as images [.., C, H, W] in [0, 1].
Tensor decoded_images(const data::Dataset& dataset, const data::View& view, const Tensor& x);

}  // namespace cleave::analysis
