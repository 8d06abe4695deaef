// A method small enough to know every answer by heart, and data for it.
//
// Codes are the first two features; the decoder puts them back and leaves the others at one half. Clusters are the
// quarters of the unit square about the points (1/4 or 3/4, 1/4 or 3/4): cluster = (z_0 > 1/2) + 2 (z_1 > 1/2).
#pragma once

#include "cleave/model/method.h"

namespace cleave::tests {

class LinearModel : public model::Model {
 public:
  static constexpr model::Abilities kEverything = {
      .clusters = true, .embeds = true, .decodes = true, .generates = true, .has_bound = true};

  explicit LinearModel(model::Abilities abilities = kEverything, bool soft = true) : Model(abilities), soft_(soft) {}

  std::vector<model::Stage> stages() const override { return {{.name = "fit"}}; }
  std::vector<model::Facet> facets() const override { return {{.layer = 0, .clusters = 4}}; }

  model::Latents infer(const Tensor& x) override {
    Tensor z = x.narrow(1, 0, 2);
    return {{z}, {z.select(1, 0).gt(0.5).to(at::kLong) + 2 * z.select(1, 1).gt(0.5).to(at::kLong)}};
  }

  Tensor responsibilities(const Tensor& x, size_t) override {
    Tensor hard = at::one_hot(infer(x).y[0], 4).to(at::kFloat);
    if (!soft_) return hard;
    // The nearer to a border, the less sure: 0.5 there, 1 in a corner.
    Tensor distance = std::get<0>((x.narrow(1, 0, 2) - 0.5).abs().min(1, /*keepdim=*/true));
    Tensor sure = (0.5 + distance).clamp(0, 1);
    return hard * sure + (1 - hard) * (1 - sure) / 3;
  }

  Tensor decode(const model::Latents& h) override { return at::constant_pad_nd(h.z[0], {0, width_ - 2}, 0.5); }

  model::Latents sample_prior(int64_t count, std::optional<int64_t> cluster, size_t, at::Generator generator) override {
    Tensor z = at::rand({count, 2}, generator);
    if (cluster)
      z = z / 2 + at::tensor({0.5F * static_cast<float>(*cluster % 2), 0.5F * static_cast<float>(*cluster / 2)});
    return {{z}, {at::full({count}, cluster.value_or(0), at::kLong)}};
  }

  model::Latents sample_posterior(const Tensor& x, at::Generator) override { return infer(x); }

  Tensor information(const Tensor& x) override { return at::tensor({0.001F, 2.5F}).expand({x.size(0), 2}); }

  int64_t width_ = 16;

 private:
  bool soft_;
};

/// `size` images of 4 x 4 pixels, stored as bytes, whose first two pixels are spread over the unit square.
inline data::Dataset square_images(int64_t size) {
  data::Dataset dataset;
  dataset.name = "squares";
  dataset.kind = data::Kind::kImage;
  dataset.shape = {1, 4, 4};
  dataset.largest = 255;
  dataset.examples.dense = at::randint(0, 256, {size, 16}, Randomness(5).stream("squares"), at::kByte);
  Tensor x = dataset.examples.dense;
  dataset.labels = x.select(1, 0).gt(127).to(at::kLong) + 2 * x.select(1, 1).gt(127).to(at::kLong);
  return dataset;
}

inline data::View unit_view(const data::Dataset& dataset) {
  return {dataset, data::Pipeline::fit({dataset.kind == data::Kind::kImage ? "unit" : "none"}, dataset, Randomness(1))};
}

}  // namespace cleave::tests
