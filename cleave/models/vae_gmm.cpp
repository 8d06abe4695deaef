// Variational autoencoder, then a Gaussian mixture on the means of its posterior.
//
// Source      Jiang et al. Variational Deep Embedding. IJCAI 2017 (the VAE+GMM rows); Kingma, Welling. Auto-Encoding
//             Variational Bayes. ICLR 2014.
// Code        z = mean of q(z | x) = Normal(encode(x))                                         (C1)
// Minimises   first -log p(x | z) + KL(q(z | x) || Normal(0, I)), one z ~ q(z | x), nats per example  (O1)
//             then  -sum_i log sum_k pi_k Normal(z_i; m_k, S_k), z standardised                (O2)
//                                                                                   families/mixture_of_codes.h
// Shapes      B batch, D latent_dim, K clusters.
#include "cleave/models/families/mixture_of_codes.h"
#include "cleave/models/registry.h"
#include "cleave/probability/distributions.h"

namespace cleave::models {

using namespace cleave::model;
using probability::DiagonalNormal;

namespace {

class VaeGmm : public MixtureOfCodes {
 public:
  VaeGmm(const Config& config, const data::Description& data, const Randomness& random)
      : MixtureOfCodes(config, data, random) {
    log_variance_head_ = register_module(
        "log_variance_head",
        std::make_shared<networks::Dense>(network_->encoder->features(), config.latent_dim, random.stream("head")));
  }

  DiagonalNormal posterior_z(const Tensor& x) const {  // C1 [B, D]
    return networks::normal(*network_->head, *log_variance_head_, network_->features(x));
  }

  Objective objective(const Batch& batch, const Stage&, const Step&, const Randomness& random) override {  // O1
    DiagonalNormal q_z = posterior_z(batch.x);
    return {{{"reconstruction", -network_->log_likelihood(batch.x, q_z.rsample(random.stream("noise")))},
             {"kl_z", probability::kl_from_standard_normal(q_z).sum(-1)}}};
  }

 private:
  std::shared_ptr<networks::Dense> log_variance_head_;
};

}  // namespace

Method describe_vae_gmm() {
  return describe_method<VaeGmm>({
      .name = "vae-gmm",
      .title = "Variational autoencoder and Gaussian mixture",
      .summary = "A full-covariance Gaussian mixture on the codes of a variational autoencoder.",
      .source = "Jiang, Zheng, Tan, Tang, Zhou. Variational Deep Embedding. IJCAI 2017 (the VAE+GMM rows)",
      .tiny = {{"clusters", 3}, {"latent_dim", 2}, {"hidden", {16}}, {"epochs", 2}},
      .wants_raw_counts = models_raw_counts,
  });
}

}  // namespace cleave::models
