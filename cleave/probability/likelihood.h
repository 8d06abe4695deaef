// p(x | decoder output), chosen by name.
//
//   bernoulli           x in [0, 1], the output is logits
//   gaussian            the output is the mean, one variance for all features: fixed, or learned when it is 0
//   laplace             the output is the mean; likewise, with variance 2 b^2 for the scale b
//   negative-binomial   counts; the output is the logits of each feature's share of the row total, one learned
//                       dispersion per feature (Lopez et al., Deep generative modeling for single-cell
//                       transcriptomics, 2018, without zero inflation)
#pragma once

#include <string>

#include <torch/nn/module.h>

#include "cleave/base/tensor.h"

namespace cleave::probability {

class Likelihood : public torch::nn::Module {
 public:
  /// kind: a name from above. width: X. variance: the Gaussian's or Laplace's; 0 learns it, starting at 0.1.
  Likelihood(std::string kind, int64_t width, double variance);

  /// log p(x | output), nats: x [B, X], output [B, X] -> [B].
  Tensor log_prob(const Tensor& x, const Tensor& output) const;

  /// E[x | output], [B, X]. Counts are given for a row total of 10 000.
  Tensor mean(const Tensor& output) const;

  /// What an encoder should read: x itself, or for counts log(1 + x per 10 000).
  Tensor encoder_input(const Tensor& x) const;

 private:
  std::string kind_;
  Tensor log_variance_;    ///< scalar: a parameter when learned
  Tensor log_dispersion_;  ///< [X]
};

}  // namespace cleave::probability
