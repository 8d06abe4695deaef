// The density of counts of which most are zero, in a few passes over memory.
#pragma once

#include "cleave/base/tensor.h"

namespace cleave::probability {

/// Whether log_prob_of_counts() takes these: on the CPU, of one floating type, with one dispersion per feature, and x
/// without gradient.
bool are_plain_counts(const Tensor& x, const Tensor& log_mean, const Tensor& log_dispersion);

/// NegativeBinomial{log_mean, log_dispersion}.log_prob(x) and its gradients: x >= 0 and log_mean [B, X], log_dispersion
/// [X] -> [B] nats. Gamma functions, which cost most, are asked of counts above zero only: of zeros their ratio is one.
Tensor log_prob_of_counts(const Tensor& x, const Tensor& log_mean, const Tensor& log_dispersion);

}  // namespace cleave::probability
