// What "an autoencoder, then a clusterer on its codes" has in common, whatever the clusterer.
//
// Code        z = encode(x), linear                    (C1)
// Minimises   first -log p(x | z), nats per example    (O1)
//             then what the clusterer minimises        (O2), in iterate()
// Shapes      B batch, X features, D latent_dim, K clusters.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cleave/model/blocks.h"
#include "cleave/model/likelihood_choice.h"
#include "cleave/model/model.h"
#include "cleave/networks/autoencoder.h"

namespace cleave::models {

struct ClusteredCodesConfig : networks::AutoencoderConfig {
  int64_t clusters = 10;
  int64_t epochs = 0;
  double learning_rate = 2e-3;
  int64_t restarts = 10;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of clusters K.", at_least(1));
    AutoencoderConfig::fields(c, field);
    field("epochs", c.epochs, "Epochs of the autoencoder; 0 takes 60, or as many as 16 400 batches of 256 need.",
          at_least(0));
    field("learning_rate", c.learning_rate, "Peak of the one-cycle learning rate.", above(0));
    field("restarts", c.restarts, "Fits of the clusterer, of which the best by its own objective is kept.",
          at_least(1));
  }

  ClusteredCodesConfig resolved(const data::Description& data) const { return suited(*this, data); }

 protected:
  /// Few examples need many epochs: a code is as good as the steps that it was trained for.
  template <class Config>
  static Config suited(const Config& config, const data::Description& data) {
    Config result = model::with_likelihood(config, data);
    if (result.epochs == 0) result.epochs = model::epochs_worth(16'400, data.size, 60, 1000);
    return result;
  }
};

class ClusteredCodes : public model::Model {
 public:
  using Config = ClusteredCodesConfig;
  static constexpr model::Abilities kAbilities = {.clusters = true, .embeds = true, .decodes = true};

  ClusteredCodes(const Config& config, const data::Description& data, const Randomness& random)
      : Model(kAbilities), config_(config) {
    network_ = register_module(
        "network", std::make_shared<networks::Autoencoder>(config, data.shape, data.width, random.stream("network")));
  }

  std::vector<model::Facet> facets() const override { return {{0, config_.clusters}}; }
  Tensor decode(const model::Latents& h) override { return network_->mean(h.z[0]); }

  std::vector<model::Stage> stages() const override {
    return {{.name = "pretrain", .epochs = config_.epochs, .optimise = {{"", model::one_cycle(config_.learning_rate)}}},
            {.name = "clusters", .epochs = 1, .closed_form = true, .optimise = {}}};
  }

  model::Objective objective(const model::Batch& batch, const model::Stage&, const model::Step&,
                             const Randomness&) override {  // O1
    return {{{"reconstruction", -network_->log_likelihood(batch.x, code(batch.x))}}};
  }

 protected:
  Tensor code(const Tensor& x) const { return network_->code(x); }  // C1 [B, D]
  Tensor codes(const data::View& data) const {                      // [N, D]
    return model::over_blocks(data, [&](const Tensor& x) { return code(x); });
  }

  Config config_;
  std::shared_ptr<networks::Autoencoder> network_;
};

}  // namespace cleave::models
