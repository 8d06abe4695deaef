// Distances between images that forgive small deformations.
//
// Source  Keysers, Deselaers, Gollan, Ney. Deformation models for image recognition. PAMI 2007: the image distortion
//         model, on gradients with windows of 3 x 3 pixels.
// Axes    N images, C channels, H rows and W columns of pixels, k neighbours.
#pragma once

#include <cstdint>

#include "cleave/base/tensor.h"
#include "cleave/classical/nearest.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

struct ImageShape {
  int64_t channels = 1;
  int64_t height = 0;
  int64_t width = 0;
};

/// What is forgiven.
struct Deformation {
  ImageShape shape;
  int64_t range = 1;  ///< rows and columns by which a pixel may shift
  double span = 0;    ///< between the least and the greatest value of images, 0 included; 0 asks the images at hand
};

/// How far the image `a` is from `b`: each pixel of `a` looks for the pixel of `b` at most `range` rows and columns
/// away around which the gradients are most like its own,
///   d(a, b)^2 = sum_p min_{|s| <= range} sum_{w in 3 x 3} |g_a(p + w) - g_b(p + s + w)|^2,
/// with g the Sobel gradients (divided by 4) of all channels, 0 outside of the image. Not symmetric. Gradients are
/// rounded to a 39th of the span (a 22nd where images have three channels), so that 16 bits hold a window: for images
/// whose values lie in a range that they make use of.
///
/// Of `candidates` [Q, at least k], rows of `images` [N, C H W] float32, returns for each of `queries` [Q, C H W] the k
/// nearest so measured, nearest first; of equally near ones the earlier candidate. Cost Q candidates C H W
/// (2 range + 1)^2; about 2 C H W bytes for each image and, where they are others, each query on the way.
/// Throws ArgumentError when the shapes do not fit, k < 1, range < 0 or the span is exceeded, DataError when values are
/// not finite, Interrupted.
Neighbours nearest_deformed(const Tensor& queries, const Tensor& images, const Deformation& deformation,
                            const Tensor& candidates, int64_t k, const ShouldStop& should_stop = {});

}  // namespace cleave::classical
