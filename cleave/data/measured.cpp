#include "cleave/data/measured.h"

#include <algorithm>

namespace cleave::data {

namespace {

constexpr int64_t kBlock = 4'096;  // pictures measured at a time

/// [B, 4] float64: slant, thickness, width, intensity of ink [B, H, W].
Tensor measure(const Tensor& ink) {
  const auto options = at::TensorOptions(at::kDouble);
  const Tensor x = at::arange(ink.size(2), options), y = at::arange(ink.size(1), options).unsqueeze(1);
  const auto sum = [](const Tensor& w) { return w.sum(std::vector<int64_t>{1, 2}); };
  const Tensor area = sum(ink);
  const auto mean = [&](const Tensor& of) { return sum(ink * of) / area; };
  const Tensor middle_x = mean(x).view({-1, 1, 1}), middle_y = mean(y).view({-1, 1, 1});
  const Tensor var_x = mean((x - middle_x).square()), var_y = mean((y - middle_y).square());
  const Tensor cov = mean((x - middle_x) * (y - middle_y));
  // Differences to the next pixel, with one more row and column of ground around the picture.
  const Tensor padded = at::constant_pad_nd(ink, {1, 1, 1, 1}, 0);
  const Tensor here = padded.slice(1, 0, -1).slice(2, 0, -1);
  const Tensor right = padded.slice(1, 0, -1).slice(2, 1) - here, down = padded.slice(1, 1).slice(2, 0, -1) - here;
  const Tensor edges = sum((right.square() + down.square()).sqrt());
  return at::stack(
      {-cov / var_y, 2 * area / edges, (var_x - cov.square() / var_y).clamp_min(0).sqrt(), sum(ink.square()) / area},
      1);
}

}  // namespace

std::vector<Factor> measured_factors(const Dataset& dataset) {
  if (dataset.kind != Kind::kImage || dataset.shape.size() != 3 || dataset.shape[0] != 1) return {};
  std::vector<Tensor> blocks;
  for (int64_t first = 0; first < dataset.size(); first += kBlock) {
    const int64_t count = std::min(kBlock, dataset.size() - first);
    const Tensor pixels = dataset.examples.rows(at::arange(first, first + count));
    blocks.push_back(
        measure((pixels.to(at::kDouble) / dataset.largest).view({count, dataset.shape[1], dataset.shape[2]})));
  }
  if (blocks.empty()) return {};
  const Tensor all = at::cat(blocks);
  std::vector<Factor> factors;
  for (const char* name : {"measured-slant", "measured-thickness", "measured-width", "measured-intensity"})
    factors.push_back({name, all.select(1, static_cast<int64_t>(factors.size())).contiguous(), false, {}});
  return factors;
}

}  // namespace cleave::data
