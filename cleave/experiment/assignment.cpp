#include "cleave/experiment/assignment.h"

namespace cleave::experiment {

Assignment most_probable(const Tensor& responsibilities) {
  auto [confidence, cluster] = responsibilities.max(/*dim=*/1);
  return {cluster.masked_fill(confidence == 0, -1), confidence.to(at::kFloat)};
}

}  // namespace cleave::experiment
