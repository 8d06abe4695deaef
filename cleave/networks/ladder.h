// The networks of variational ladder autoencoders: a trunk that climbs from the data, a branch off each rung for its
// latents, and a decoder that comes down and takes in one rung's latents after another.
//
// Source  Zhao, Song, Ermon. Learning Hierarchical Features from Generative Models. ICML 2017 (VLAE), whose networks
//         for 28 x 28 and 32 x 32 images are settings of this one. Departs: kernels of layers that do not halve are
//         3 x 3, where theirs are 4 x 4 with uneven padding.
// Axes    B batch, X features, L rungs (the first is nearest to the data), D_l latents and K_l clusters of rung l.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <torch/nn/module.h>

#include "cleave/base/fields.h"
#include "cleave/base/random.h"
#include "cleave/networks/networks.h"

namespace cleave::networks {

struct LadderConfig {
  std::string network = "dense";
  std::vector<int64_t> hidden = {512, 512};
  std::vector<int64_t> channels = {64, 64, 128, 128, 256, 256};
  std::vector<int64_t> strides = {2, 1, 2, 1, 2, 1};
  int64_t convolutions = 2;
  bool batch_norm = true;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("network", c.network, "Kind of the lower rungs; convolutional is for images. The top rung is dense.",
          one_of({"dense", "convolutional"}));
    field("hidden", c.hidden, "Widths of the dense layers of one rung.", at_least(1));
    field("channels", c.channels, "Convolutional: channels of all layers, from the data up.", at_least(1));
    field("strides", c.strides, "Convolutional: the stride of each layer, 1 or 2.", between(1, 2));
    field("convolutions", c.convolutions, "Convolutional: layers of one rung; rungs beyond the last are dense.",
          at_least(1));
    field("batch_norm", c.batch_norm, "Whether each hidden layer's outputs are normalised over the batch.");
  }
};

/// The size of what a layer takes in or gives out: an image, or a vector as channels x 1 x 1.
struct Volume {
  int64_t channels = 0, height = 1, width = 1;
  int64_t area() const { return height * width; }
  int64_t size() const { return channels * area(); }
};

/// Layers in a row, each a product, a normalisation and a leaky ReLU: [B, from.size()] -> [B, to.size()].
class LadderStep;

class Ladder : public torch::nn::Module {
 public:
  /// latent_dims and clusters have L entries; a rung of one cluster has no cluster variable. A rung of no latents hands
  /// on what comes from below and above, and what is above the highest rung with latents is left out.
  /// Throws ArgumentError for lists of different lengths, no latents at all, clusters without latents and anything but
  /// images for a convolutional ladder.
  Ladder(const LadderConfig& config, const std::vector<int64_t>& shape, int64_t width,
         const std::vector<int64_t>& latent_dims, const std::vector<int64_t>& clusters, const Randomness& random);

  /// Features of each rung for x [B, X] and the shares of its clusters y[l] [B, K_l] (undefined where K_l = 1): rung l
  /// sees y_{l-1} in the trunk and y_l beside its features. [B, features(l)], undefined where D_l = 0.
  std::vector<Tensor> climb(const Tensor& x, const std::vector<Tensor>& y) const;
  int64_t features(size_t rung) const { return features_[rung]; }

  /// Logits of the clusters of a rung, from x alone: [B, K_l].
  Tensor logits(size_t rung, const Tensor& x) const;

  /// The parameters of p(x | z_1, ..., z_L), [B, X]; z[l] is not read where D_l = 0.
  Tensor descend(const std::vector<Tensor>& z) const;

 private:
  std::vector<Volume> volumes_;    ///< [L]: of the data, and above each step of the trunk
  std::vector<int64_t> clusters_;  ///< [L]
  std::vector<int64_t> features_;  ///< [L]
  using Step = std::shared_ptr<LadderStep>;
  std::vector<Step> trunk_;                      ///< [T - 1], where T is the highest rung with latents
  std::vector<Step> branches_;                   ///< [T], nullptr where D_l = 0
  std::vector<Step> generators_;                 ///< [T]
  std::vector<Step> spreads_;                    ///< [T]: z_l to the size it joins; nullptr on rung L and where D_l = 0
  std::vector<std::vector<Step>> classifiers_;   ///< [T], empty where K_l = 1
  std::vector<std::shared_ptr<Dense>> classes_;  ///< [T], nullptr where K_l = 1
};

}  // namespace cleave::networks
