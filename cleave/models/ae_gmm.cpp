// Autoencoder, then a Gaussian mixture on its codes.
//
// Source      Jiang et al. Variational Deep Embedding. IJCAI 2017 (the AE+GMM rows).
// Code        z = encode(x), linear                                                  (C1)  families/clustered_codes.h
// Minimises   first -log p(x | z), nats per example                                  (O1)  families/clustered_codes.h
//             then  -sum_i log sum_k pi_k Normal(z_i; m_k, S_k), z standardised      (O2)  families/mixture_of_codes.h
// Shapes      B batch, D latent_dim, K clusters.
#include "cleave/models/families/mixture_of_codes.h"
#include "cleave/models/registry.h"

namespace cleave::models {

using namespace cleave::model;

Method describe_ae_gmm() {
  return describe_method<MixtureOfCodes>({
      .name = "ae-gmm",
      .title = "Autoencoder and Gaussian mixture",
      .summary = "A full-covariance Gaussian mixture on the codes of an autoencoder.",
      .source = "Jiang, Zheng, Tan, Tang, Zhou. Variational Deep Embedding. IJCAI 2017 (the AE+GMM rows)",
      .tiny = {{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}, {"epochs", 2}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
