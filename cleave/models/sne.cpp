// Stochastic neighbour embedding.
//
// Source     Hinton, Roweis. Stochastic neighbor embedding. NIPS 2002.
// Minimises  sum_i KL(P_i | Q_i),  q_{j|i} = exp(-|z_i - z_j|^2) / sum_{l != i} exp(-|z_i - z_l|^2)         (O1)
//            with gradient 2 sum_j (p_{j|i} - q_{j|i} + p_{i|j} - q_{i|j}) (z_i - z_j)
// Affinities, descent, new examples: families/affinity_map.h.
// Departs    Starts on principal components with exaggerated affinities instead of adding noise that fades; gains.
//            Above 3000 examples an example's affinities reach its 3 * perplexity nearest only.
// Shapes     N examples, X features, D dimensions of the map.
#include "cleave/classical/sne.h"

#include "cleave/base/error.h"
#include "cleave/models/families/affinity_map.h"
#include "cleave/models/registry.h"

namespace cleave::models {

namespace {

class Sne : public AffinityMap {
 public:
  using Config = AffinityMapConfig;
  Sne(const Config& config, const data::Description&, const Randomness&) : AffinityMap(config, "sne") {}

 protected:
  classical::MapCost cost(classical::Affinities p) const override { return classical::sne_cost(std::move(p)); }  // O1
  classical::Kernel kernel() const override { return classical::Kernel::kGaussian; }
  double cost_unit(int64_t examples) const override { return static_cast<double>(examples); }
  void check_size(int64_t examples) const override { classical::check_exact_size(examples, "sne"); }
};

}  // namespace

model::Method describe_sne() {
  return model::describe_method<Sne>({
      .name = "sne",
      .title = "SNE",
      .summary = "Draws a map in which every example has the neighbours that it has in the data.",
      .source = "Hinton and Roweis, Stochastic neighbor embedding, NIPS 2002",
      .tiny = {{"perplexity", 10}, {"epochs", 40}, {"early_epochs", 15}},
  });
}

}  // namespace cleave::models
