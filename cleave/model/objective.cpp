#include "cleave/model/objective.h"

#include "cleave/base/error.h"

namespace cleave::model {

Tensor Objective::per_example() const {
  require<ArgumentError>(!terms.empty(), "[Objective] expected at least one term but received none");
  Tensor sum = terms[0].weight * terms[0].nats;
  for (size_t i = 1; i < terms.size(); ++i)
    sum = sum + terms[i].weight * terms[i].nats;
  return sum;
}

Tensor Objective::unweighted() const {
  Objective plain = *this;
  for (Term& term : plain.terms)
    term.weight = 1;
  return plain.per_example();
}

Tensor Objective::loss() const {
  return per_example().mean();
}

}  // namespace cleave::model
