// Variational ladder autoencoder (VLAE).
//
// Source      Zhao, Song, Ermon. Learning Hierarchical Features from Generative Models. ICML 2017. arXiv:1702.08396.
// Model       families/ladder_model.h without clusters: p(z_l) = Normal(0, I) on every rung. What needs little
//             computing to decode settles on the low rungs, what needs much on the high ones; nothing in the bound asks
//             for it.
// Minimises   -log p(x | z) + sum_l KL(q(z_l | x) || p(z_l))                   (O1)  families/ladder_model.h
// Reading     The authors' code weighs an absolute error: the Laplace likelihood, of variance 1/32 (scale 1/8) on MNIST
//             and SVHN. It is `likelihood = "laplace"`; the default suits the data.
// Departs     The top rung's decoder ends in the size of the rung below, and each rung joins by concatenation. Standard
//             deviations are not capped at 1.
#include "cleave/models/families/ladder_model.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

struct VlaeConfig : LadderModelConfig {
  VlaeConfig resolved(const data::Description& data) const { return with_likelihood(*this, data); }
};

class Vlae : public LadderModel {
 public:
  using Config = VlaeConfig;
  static constexpr Abilities kAbilities = {.embeds = true, .decodes = true, .generates = true, .has_bound = true};

  Vlae(const Config& config, const data::Description& data, const Randomness& random)
      : LadderModel(kAbilities, without_clusters(config), data, random) {}

 private:
  static Config without_clusters(Config config) {
    config.clusters.assign(config.latent_dims.size(), 1);
    return config;
  }
};

}  // namespace

Method describe_vlae() {
  return describe_method<Vlae>({
      .name = "vlae",
      .title = "Variational ladder autoencoder",
      .summary = "A VAE with a ladder of latents, from what is simple to draw to what takes a deep network.",
      .source = "Zhao, Song, Ermon. Learning Hierarchical Features. ICML 2017. arXiv:1702.08396",
      .tiny = {{"latent_dims", {2, 2}}, {"hidden", {16}}, {"epochs", 20}, {"learning_rate", 5e-3}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
