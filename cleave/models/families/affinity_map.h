// What SNE, symmetric SNE and t-SNE share as methods: a map of all examples, moved until the nearness of its points is
// that of the examples.
//
// Affinities  p_{j|i} = exp(-b_i |x_i - x_j|^2) / sum_l exp(-b_i |x_i - x_l|^2), b_i such that exp(entropy of p_{.|i})
//             is the perplexity                                                                              (A1)
//             p_ij = (p_{j|i} + p_{i|j}) / 2N                                                                (A2)
// Descends    a cost of its own by gradients with momentum and gains; p is exaggerated at first              (O1)
// Embeds      an example of the fit as its point of the map; a new one where KL(p_{.|i} | q_{.|i}) to the points of the
//             map is least, which stay where they are                                                        (I1)
// Shapes      N examples, B of a batch, X features, D dimensions of the map.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cleave/classical/map_cost.h"
#include "cleave/classical/map_descent.h"
#include "cleave/model/fitted_rows.h"
#include "cleave/model/method.h"
#include "cleave/models/families/reduced_space.h"

namespace cleave::models {

struct AffinityMapConfig {
  double perplexity = 30;
  int64_t latent_dim = 2;
  int64_t epochs = 750;
  int64_t early_epochs = 250;
  double early_exaggeration = 12;
  double learning_rate = 0;
  std::string initialisation = "pca";
  int64_t pca_dim = 50;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("perplexity", c.perplexity, "Neighbours that an example counts as near; at most a third of the others.",
          at_least(1));
    field("latent_dim", c.latent_dim, "Dimensions D of the map.", between(1, 3));
    field("epochs", c.epochs, "Iterations.", at_least(1));
    field("early_epochs", c.early_epochs, "So many of them, at most a third, with exaggerated affinities.",
          at_least(0));
    field("early_exaggeration", c.early_exaggeration,
          "Factor of the affinities at first, which draws clusters together.", above(0));
    field("learning_rate", c.learning_rate, "Of a quarter of the gradient; 0 takes N / exaggeration.", at_least(0));
    field("initialisation", c.initialisation, "Where the points start.", one_of({"pca", "spectral", "random"}));
    field("pca_dim", c.pca_dim, "Wider data are reduced to this many principal components; 0 never.", at_least(0));
  }

  classical::MapOptions options() const;
  classical::MapStart start() const;
};

class AffinityMap : public model::Model {
 public:
  static constexpr model::Abilities kAbilities{.embeds = true};

  /// `who` is the method's name, for messages.
  AffinityMap(const AffinityMapConfig& config, const char* who);

  std::vector<model::Stage> stages() const override;
  model::Iteration iterate(const model::Stage&, const model::Step&, const model::Fitting& fitting) override;
  model::Latents infer(const Tensor& x) override;

 protected:
  /// The cost that the method descends, divided by cost_unit(): what the report shows is the mean over examples.
  virtual classical::MapCost cost(classical::Affinities affinities) const = 0;
  virtual classical::Reach reach() const { return classical::Reach::kAll; }
  virtual classical::Kernel kernel() const = 0;
  /// 1, or N for a cost that is a sum over examples.
  virtual double cost_unit(int64_t) const { return 1; }
  /// Throws ArgumentError when the method is not for so many examples.
  virtual void check_size(int64_t) const {}

  int64_t dimensions() const { return map_.size(1); }

 private:
  /// Reduces the data, finds the affinities and, where the fit begins, the first map. Done again after a resume.
  void prepare(const model::Fitting& fitting);

  AffinityMapConfig config_;
  const char* who_;
  ReducedSpace space_;
  model::FittedRows fitted_;
  classical::MapCost cost_;  ///< while fitting
  Tensor examples_;          ///< [N, X or pca_dim] of the fit
  Tensor map_;               ///< [N, D]
  Tensor divergence_;        ///< [] nats, when last computed
  Tensor iteration_;         ///< []
  Tensor update_, gains_;    ///< [N, D] of the descent
};

}  // namespace cleave::models
