// Principal component analysis, as a method.
//
// Source     Pearson. On lines and planes of closest fit to systems of points in space. 1901. Hotelling 1933.
// Minimises  sum_i |x_i - decode(z_i)|^2 over linear codes z = W (x - m), W W^T = I     (O1)
// Departs    The entry of largest magnitude of each component is positive, which fixes the sign.
// Shapes     N examples, B of a batch, X features, D latents.
#include "cleave/classical/pca.h"

#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/models/registry.h"

namespace cleave::models {

namespace {

struct PcaConfig {
  int64_t latent_dim = 2;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("latent_dim", c.latent_dim, "Number of components D.", at_least(1));
  }
};

constexpr int64_t kScree = 30;  // components whose variance is kept at least, to see where the curve bends

class Pca : public model::Model {
 public:
  using Config = PcaConfig;
  static constexpr model::Abilities kAbilities{.embeds = true, .decodes = true};

  Pca(Config config, const data::Description& data, const Randomness&) : Model(kAbilities) {
    int64_t most = std::min(data.size, data.width);
    require<ArgumentError>(config.latent_dim <= most, "pca: latent_dim is {}, but {} examples of {} features have {}",
                           config.latent_dim, data.size, data.width, most);
    mean_ = register_buffer("mean", at::zeros({data.width}));
    components_ = register_buffer("components", at::eye(config.latent_dim, data.width));
    explained_variance_ = register_buffer("explained_variance", at::zeros({config.latent_dim}));
    spectrum_ = register_buffer("spectrum", at::zeros({std::min(most, std::max(kScree, config.latent_dim))}));
    total_variance_ = register_buffer("total_variance", at::zeros({}, at::kDouble));
  }

  // Fitting ----------------------------------------------------------------------------------------------------------

  std::vector<model::Stage> stages() const override { return {{.name = "eigenvectors", .closed_form = true}}; }

  model::Iteration iterate(const model::Stage&, const model::Step&, const model::Fitting& fitting) override {  // O1
    const int64_t dimensions = components_.size(0);
    classical::Pca pca = classical::fit_pca(fitting.data.all(), spectrum_.size(0));
    mean_.copy_(pca.mean);
    components_.copy_(pca.components.narrow(0, 0, dimensions));
    spectrum_.copy_(pca.explained_variance);
    explained_variance_.copy_(spectrum_.narrow(0, 0, dimensions));
    total_variance_.fill_(pca.total_variance);
    double explained = explained_variance_.sum(at::kDouble).item<double>();
    return {{{"explained_variance", pca.total_variance > 0 ? explained / pca.total_variance : 1}}, /*finished=*/true};
  }

  // Asking -----------------------------------------------------------------------------------------------------------

  model::Latents infer(const Tensor& x) override { return {{fitted().transform(x)}, {Tensor()}}; }
  Tensor decode(const model::Latents& h) override { return fitted().inverse(h.z.at(0)); }

 private:
  classical::Pca fitted() const { return {mean_, components_, explained_variance_}; }

  Tensor mean_;                ///< [X]
  Tensor components_;          ///< [D, X]
  Tensor explained_variance_;  ///< [D]
  Tensor spectrum_;            ///< [S] explained variance of the first S >= D components, or of all there are
  Tensor total_variance_;      ///< []
};

}  // namespace

model::Method describe_pca() {
  return model::describe_method<Pca>({
      .name = "pca",
      .title = "Principal component analysis",
      .summary = "Projects the data onto the directions of largest variance.",
      .source = "Pearson, On lines and planes of closest fit to systems of points in space, 1901",
      .tiny = {{"latent_dim", 2}},
  });
}

}  // namespace cleave::models
