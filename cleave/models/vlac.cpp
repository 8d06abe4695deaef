// Variational ladder autoencoder for clustering (VLAC): a clustering by another attribute on each rung.
//
// Source      Willetts, Roberts, Holmes. Disentangling to Cluster: Gaussian Mixture Variational Ladder Autoencoders.
//             arXiv:1909.11501.
// Model       families/ladder_model.h, with K_l clusters on rung l; a rung of one cluster is one of VLAE's.
// Minimises   equation (9): -log p(x | z) + sum_l KL(q(z_l | x, y) || p(z_l | y_l)) + sum_l KL(q(y_l | x) || p(y_l)),
//             with one relaxed y                                            (O1)  families/ladder_model.h
// Reading     The paper names neither widths nor rates, temperatures or likelihood. The defaults are ours; the
//             temperature falls exponentially, and `straight_through` makes the clusters that the decoder sees hard.
//             The trunk of rung l sees y_{l-1} and the heads of rung l see y_l, as the paper draws it.
#include "cleave/models/families/ladder_model.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

struct VlacConfig : LadderModelConfig {
  VlacConfig() { clusters = {1, 1, 10}; }

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Clusters K_l of each rung, the lowest first; 1 is none.", at_least(1));
    LadderModelConfig::fields(c, field);
    field("temperature", c.temperature, "First temperature of the relaxed clusters.", above(0));
    field("last_temperature", c.last_temperature, "Temperature of the last epoch.", above(0));
    field("straight_through", c.straight_through,
          "Whether the decoder sees hard clusters, gradients the relaxed ones.");
  }

  VlacConfig resolved(const data::Description& data) const { return with_likelihood(*this, data); }
};

class Vlac : public LadderModel {
 public:
  using Config = VlacConfig;
  static constexpr Abilities kAbilities = {
      .clusters = true, .embeds = true, .decodes = true, .generates = true, .has_bound = true};

  Vlac(const Config& config, const data::Description& data, const Randomness& random)
      : LadderModel(abilities_of(config), config, data, random) {}

 private:
  static Abilities abilities_of(const Config& config) {
    Abilities abilities = kAbilities;
    abilities.clusters = std::any_of(config.clusters.begin(), config.clusters.end(), [](int64_t k) { return k > 1; });
    return abilities;
  }
};

}  // namespace

Method describe_vlac() {
  return describe_method<Vlac>({
      .name = "vlac",
      .title = "Variational ladder autoencoder for clustering",
      .summary = "A ladder of latents with a mixture on any rung: several clusterings, each by another attribute.",
      .source = "Willetts, Roberts, Holmes. Disentangling to Cluster. 2019. arXiv:1909.11501",
      .tiny =
          {{"latent_dims", {2, 2}}, {"clusters", {2, 3}}, {"hidden", {16}}, {"epochs", 20}, {"learning_rate", 5e-3}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
