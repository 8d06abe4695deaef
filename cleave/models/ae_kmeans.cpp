// Autoencoder, then k-means on its codes: the baseline that every deep clustering method is held against.
//
// Source      Xie, Girshick, Farhadi. Unsupervised Deep Embedding for Clustering Analysis. ICML 2016 (the AE+k-means
//             rows).
// Code        z = encode(x), linear                              (C1)  families/clustered_codes.h
// Minimises   first -log p(x | z), nats per example              (O1)  families/clustered_codes.h
//             then  sum_i min_k |z_i - m_k|^2 over the centres m (O2)
// Shapes      B batch, D latent_dim, K clusters.
#include "cleave/classical/kmeans.h"
#include "cleave/models/families/clustered_codes.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;

namespace {

class AeKmeans : public ClusteredCodes {
 public:
  AeKmeans(const Config& config, const data::Description& data, const Randomness& random)
      : ClusteredCodes(config, data, random) {
    centres_ = register_buffer("centres", at::zeros({config.clusters, config.latent_dim}));
  }

  Latents infer(const Tensor& x) override {
    Tensor z = code(x);
    return {{z}, {classical::assign(z, centres_).labels}};
  }
  Tensor responsibilities(const Tensor& x, size_t) override {
    return at::one_hot(infer(x).y[0], config_.clusters).to(at::kFloat);
  }

  Iteration iterate(const Stage&, const Step&, const Fitting& fitting) override {  // O2
    classical::KMeansOptions options = {.clusters = config_.clusters, .restarts = config_.restarts};
    auto fit = classical::kmeans(codes(fitting.data), options, fitting.random, fitting.stop());
    centres_.copy_(fit.centres);
    return {{{"inertia", fit.assignment.inertia}}, true};
  }

 private:
  Tensor centres_;  // [K, D]
};

}  // namespace

Method describe_ae_kmeans() {
  return describe_method<AeKmeans>({
      .name = "ae-kmeans",
      .title = "Autoencoder and k-means",
      .summary = "k-means on the codes of an autoencoder: the baseline of deep clustering.",
      .source = "Xie, Girshick, Farhadi. Unsupervised Deep Embedding for Clustering Analysis. ICML 2016",
      .tiny = {{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}, {"epochs", 2}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
