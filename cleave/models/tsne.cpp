// t-distributed stochastic neighbour embedding.
//
// Source     van der Maaten, Hinton. Visualizing data using t-SNE. JMLR 2008.
//            van der Maaten. Accelerating t-SNE using tree-based algorithms. JMLR 2014.
//            Linderman et al. Fast interpolation-based t-SNE. Nature Methods 2019.
// Minimises  KL(P | Q),  q_ij = k_ij / sum_{k != l} k_kl,  k_ij = 1 / (1 + |z_i - z_j|^2)                   (O1)
//            with gradient 4 sum_j (p_ij - q_ij) k_ij (z_i - z_j)
// Affinities, descent, new examples: families/affinity_map.h.
// Departs    The sums over all pairs are exact up to 1000 examples; beyond, on a grid (1 or 2 dimensions) or by a tree
//            (3), and an example's affinities reach its 3 * perplexity nearest. Settings are those of openTSNE.
// Shapes     N examples, X features, D dimensions of the map.
#include "cleave/classical/tsne.h"

#include "cleave/base/error.h"
#include "cleave/models/families/affinity_map.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using classical::Approximation;

namespace {

struct TsneConfig : AffinityMapConfig {
  std::string approximation = "auto";

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    AffinityMapConfig::fields(c, field);
    field("approximation", c.approximation, "How all pairs are summed; interpolated is for 1 or 2 dimensions.",
          one_of({"auto", "exact", "barnes-hut", "interpolated"}));
  }

  Approximation wanted() const {
    if (approximation == "exact") return Approximation::kExact;
    if (approximation == "barnes-hut") return Approximation::kBarnesHut;
    return approximation == "interpolated" ? Approximation::kInterpolated : Approximation::kAuto;
  }
};

class Tsne : public AffinityMap {
 public:
  using Config = TsneConfig;
  Tsne(const Config& config, const data::Description& data, const Randomness&)
      : AffinityMap(config, "tsne"),
        approximation_(classical::resolved(config.wanted(), data.size, config.latent_dim)) {
    require<ArgumentError>(approximation_ != Approximation::kInterpolated || config.latent_dim <= 2,
                           "tsne: approximation interpolated is for latent_dim 1 or 2; for 3 take barnes-hut");
  }

 protected:
  classical::MapCost cost(classical::Affinities p) const override {  // O1
    return classical::tsne_cost(std::move(p), dimensions(), approximation_);
  }
  classical::Kernel kernel() const override { return classical::Kernel::kCauchy; }
  classical::Reach reach() const override {
    return approximation_ == Approximation::kExact ? classical::Reach::kAll : classical::Reach::kNearest;
  }

 private:
  Approximation approximation_;
};

}  // namespace

model::Method describe_tsne() {
  return model::describe_method<Tsne>({
      .name = "tsne",
      .title = "t-SNE",
      .summary = "Draws a map of the data in which neighbours stay near and clusters apart.",
      .source = "van der Maaten and Hinton, Visualizing data using t-SNE, JMLR 2008",
      .tiny = {{"perplexity", 10}, {"epochs", 40}, {"early_epochs", 15}},
  });
}

}  // namespace cleave::models
