// The images of a fit, by which new ones are compared as those of the fit were among themselves.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <ATen/Functions.h>
#include <torch/nn/module.h>

#include "cleave/classical/deformation.h"

namespace cleave::models {

class KeptImages {
 public:
  static constexpr int64_t kMostBytes = int64_t{256} << 20;  ///< that a fit keeps, a byte for each value

  /// Registers the buffers "images" [N, X] uint8, empty before begin(), and "image_range" [2], their least and greatest
  /// value, 0 included. Without a deformation none are kept.
  KeptImages(torch::nn::Module& owner, const std::optional<classical::Deformation>& deformation)
      : deformation_(deformation),
        images_(owner.register_buffer("images", at::empty({0, 0}, at::kByte))),
        range_(owner.register_buffer("image_range", at::zeros({2}))) {}

  bool empty() const { return images_.size(0) == 0; }

  /// Keeps x [N, X], rounded to a 255th of their range; nothing where they would take more than kMostBytes.
  void begin(const Tensor& x) {
    const int64_t n = x.size(0), features = x.size(1);
    if (!deformation_ || n * features > kMostBytes) return;
    const auto [low, high] = at::aminmax(x);
    range_.copy_(at::stack({low.clamp_max(0), high.clamp_min(0)}));
    Tensor images = at::empty({n, features}, at::kByte);
    for (int64_t first = 0; first < n; first += kBlock) {  // without a second copy of them all in float32
      const int64_t last = std::min(first + kBlock, n);
      images.slice(0, first, last).copy_(((x.slice(0, first, last) - least()) / step()).round());
    }
    images_.set_data(images);
  }

  /// Of `candidates` [B, C] int64, rows of the fit, the k to which x [B, X] comes nearest when deformed. Values beyond
  /// the range of the fit count as its ends. What an image gets depends on itself only.
  classical::Neighbours nearest(const Tensor& x, const Tensor& candidates, int64_t k) const {
    classical::Deformation deformation = *deformation_;
    deformation.span = 255 * step();
    const auto [offered, positions] = at::_unique(candidates, /*sorted=*/true, /*return_inverse=*/true);
    const Tensor images = images_.index_select(0, offered).to(at::kFloat).mul_(step()).add_(least());
    auto found = classical::nearest_deformed(x.clamp(least(), range_[1].item<float>()), images, deformation,
                                             positions.view(candidates.sizes()), k);
    return {offered.index_select(0, found.indices.flatten()).view(found.indices.sizes()), found.distances};
  }

 private:
  static constexpr int64_t kBlock = 4096;

  float least() const { return range_[0].item<float>(); }
  float step() const { return std::max((range_[1] - range_[0]).item<float>() / 255, 1e-30F); }

  std::optional<classical::Deformation> deformation_;
  Tensor images_, range_;
};

}  // namespace cleave::models
