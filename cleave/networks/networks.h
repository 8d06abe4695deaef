// Encoders and decoders: dense and convolutional, for any input size.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <torch/nn/module.h>

#include "cleave/base/fields.h"
#include "cleave/base/tensor.h"
#include "cleave/networks/dense_layer.h"

namespace cleave::networks {

/// Uniform within sqrt(6 / (fan_in + fan_out)) about 0 (Glorot & Bengio 2010).
Tensor glorot_uniform(at::IntArrayRef sizes, int64_t fan_in, int64_t fan_out, at::Generator generator);

/// A weight matrix and a bias, Glorot uniform and zero (Glorot & Bengio 2010).
class Dense : public torch::nn::Module {
 public:
  Dense(int64_t inputs, int64_t outputs, at::Generator generator);
  /// [B, inputs] -> [B, outputs]
  Tensor forward(const Tensor& x) const { return dense_layer(x, weight, bias); }
  Tensor rectified(const Tensor& x) const { return dense_layer(x, weight, bias, Activation::kRectifier); }

  Tensor weight;  ///< [outputs, inputs]
  Tensor bias;    ///< [outputs]
};

/// The settings that every method with networks shares.
struct NetworkConfig {
  std::string network = "dense";
  std::vector<int64_t> hidden = {500, 500, 2000};
  std::vector<int64_t> channels = {32, 64, 128};

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("network", c.network,
          "Kind of encoder and decoder; convolutional is for images, convolutional-encoder leaves the decoder dense.",
          one_of({"dense", "convolutional", "convolutional-encoder"}));
    field("hidden", c.hidden, "Dense: widths of the encoder's hidden layers; the decoder mirrors them.", at_least(1));
    field("channels", c.channels, "Convolutional: channels of the layers, each halving height and width.", at_least(1));
  }
};

/// x [B, X] -> features [B, F]: the part of an encoder below its heads, ReLU after every layer.
class Encoder : public torch::nn::Module {
 public:
  virtual Tensor forward(const Tensor& x) const = 0;
  int64_t features() const { return features_; }

 protected:
  int64_t features_ = 0;
};

/// z [B, D] -> the parameters of p(x | z), [B, X], unbounded.
class Decoder : public torch::nn::Module {
 public:
  virtual Tensor forward(const Tensor& z) const = 0;
  /// The layer that reads z, for methods that change the scale of the code.
  virtual Dense& first() = 0;
};

/// Networks for examples of `shape` ({X} or {channels, height, width}) and `width` = X features.
/// Throws ArgumentError when a convolutional network is asked for anything but images.
std::shared_ptr<Encoder> make_encoder(const NetworkConfig& config, const std::vector<int64_t>& shape, int64_t width,
                                      at::Generator generator);
std::shared_ptr<Decoder> make_decoder(const NetworkConfig& config, const std::vector<int64_t>& shape, int64_t width,
                                      int64_t latent_dim, at::Generator generator);

/// Rewrites a linear code z = head(...) as (z - mean) / deviation without changing what the decoder makes of it:
/// the head absorbs the standardisation, the decoder's first layer its inverse. mean, deviation [D].
void rescale_code(Dense& head, Dense& first, const Tensor& mean, const Tensor& deviation);

}  // namespace cleave::networks
