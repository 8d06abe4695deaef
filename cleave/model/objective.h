// An objective is a list of named terms, one number per example, in nats, to be minimised.
#pragma once

#include <string>
#include <vector>

#include "cleave/base/tensor.h"

namespace cleave::model {

/// One named part of an objective. Smaller is better.
struct Term {
  std::string name;
  Tensor nats;  ///< [B], summed over pixels and latents, before weighting
  double weight = 1.0;
};

struct Objective {
  std::vector<Term> terms;

  Tensor per_example() const;  ///< [B] weighted sum of the terms: what training minimises
  Tensor unweighted() const;   ///< [B] plain sum of the terms: what evaluation reports
  Tensor loss() const;         ///< scalar, mean of per_example: the one place that reduces
};

}  // namespace cleave::model
