// Symmetric stochastic neighbour embedding.
//
// Source     van der Maaten, Hinton. Visualizing data using t-SNE. JMLR 2008, section 3.1.
// Minimises  KL(P | Q),  q_ij = exp(-|z_i - z_j|^2) / sum_{k != l} exp(-|z_k - z_l|^2)                      (O1)
//            with gradient 4 sum_j (p_ij - q_ij) (z_i - z_j)
// Affinities, descent, new examples: families/affinity_map.h.
// Departs    Above 3000 examples an example's affinities reach its 3 * perplexity nearest only.
// Shapes     N examples, X features, D dimensions of the map.
#include "cleave/classical/sne.h"
#include "cleave/models/families/affinity_map.h"
#include "cleave/models/registry.h"

namespace cleave::models {

namespace {

class SymmetricSne : public AffinityMap {
 public:
  using Config = AffinityMapConfig;
  SymmetricSne(const Config& config, const data::Description&, const Randomness&)
      : AffinityMap(config, "symmetric-sne") {}

 protected:
  classical::MapCost cost(classical::Affinities p) const override {  // O1
    return classical::symmetric_sne_cost(std::move(p));
  }
  classical::Kernel kernel() const override { return classical::Kernel::kGaussian; }
  void check_size(int64_t examples) const override { classical::check_exact_size(examples, "symmetric-sne"); }
};

}  // namespace

model::Method describe_symmetric_sne() {
  return model::describe_method<SymmetricSne>({
      .name = "symmetric-sne",
      .title = "Symmetric SNE",
      .summary = "Draws a map in which pairs of examples are as near as in the data; crowded where t-SNE is not.",
      .source = "van der Maaten and Hinton, Visualizing data using t-SNE, JMLR 2008",
      .tiny = {{"perplexity", 10}, {"epochs", 40}, {"early_epochs", 15}},
  });
}

}  // namespace cleave::models
