#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/data/transforms.h"

namespace cleave::data {

namespace {

struct Image {
  int64_t channels, height, width;
};

// From a place in the result to the place in the source that it shows, both measured in pixels from the centre.
struct Affine {
  double xx, xy, yx, yy, x, y;

  // u: four uniforms in [-1, 1] for angle, size, and the shifts to the right and down.
  Affine(const Augmentation& largest, const double* u) {
    const double angle = largest.rotation * u[0] * std::numbers::pi / 180;
    const double size = 1 + largest.scale * u[1];
    xx = yy = std::cos(angle) / size;
    yx = std::sin(angle) / size;
    xy = -yx;
    x = -(xx * u[2] + xy * u[3]) * largest.shift;
    y = -(yx * u[2] + yy * u[3]) * largest.shift;
  }
};

// The value of one channel at (row, column), between the four pixels around; zero outside.
double bilinear(const float* channel, const Image& image, double row, double column) {
  if (!(row > -1 && row < image.height && column > -1 && column < image.width)) return 0;
  const auto r = static_cast<int64_t>(std::floor(row)), c = static_cast<int64_t>(std::floor(column));
  const double down = row - r, right = column - c;
  const auto pixel = [&](int64_t i, int64_t j) -> double {
    return i < 0 || i >= image.height || j < 0 || j >= image.width ? 0 : channel[i * image.width + j];
  };
  return (1 - down) * ((1 - right) * pixel(r, c) + right * pixel(r, c + 1)) +
         down * ((1 - right) * pixel(r + 1, c) + right * pixel(r + 1, c + 1));
}

void warp(const float* from, float* to, const Image& image, const Affine& affine) {
  const double middle_row = (image.height - 1) / 2.0, middle_column = (image.width - 1) / 2.0;
  for (int64_t i = 0; i < image.height; ++i) {
    for (int64_t j = 0; j < image.width; ++j) {
      const double right = j - middle_column, down = i - middle_row;
      const double column = affine.xx * right + affine.xy * down + affine.x + middle_column;
      const double row = affine.yx * right + affine.yy * down + affine.y + middle_row;
      for (int64_t c = 0; c < image.channels; ++c) {
        const int64_t channel = c * image.height * image.width;
        to[channel + i * image.width + j] = static_cast<float>(bilinear(from + channel, image, row, column));
      }
    }
  }
}

}  // namespace

Tensor Augmentation::operator()(const Tensor& x, const std::vector<int64_t>& shape, at::Generator generator) const {
  require<ArgumentError>(shape.size() == 3 && x.dim() == 2 && x.size(1) == shape[0] * shape[1] * shape[2],
                         "rotations, shifts and changes of scale are for images; these examples have {} feature(s)",
                         x.numel() / std::max<int64_t>(1, x.size(0)));
  require<ArgumentError>(scale < 1, "a change of scale by {} leaves nothing of an image; take less than 1", scale);
  const Image image{shape[0], shape[1], shape[2]};
  const Tensor source = x.contiguous(), uniform = at::rand({x.size(0), 4}, generator, at::kDouble) * 2 - 1;
  Tensor result = at::empty_like(source);
  const double* u = uniform.const_data_ptr<double>();
  const float* from = source.const_data_ptr<float>();
  float* to = result.mutable_data_ptr<float>();
  at::parallel_for(0, x.size(0), /*grain_size=*/4, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      warp(from + i * x.size(1), to + i * x.size(1), image, Affine(*this, u + 4 * i));
  });
  return result;
}

}  // namespace cleave::data
