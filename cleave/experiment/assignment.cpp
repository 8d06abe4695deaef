#include "cleave/experiment/assignment.h"

#include "cleave/analysis/answers.h"

namespace cleave::experiment {

Assignment most_probable(const Tensor& responsibilities) {
  auto [confidence, cluster] = responsibilities.max(/*dim=*/1);
  return {cluster.masked_fill(confidence == 0, -1), confidence.to(at::kFloat)};
}

Assignment assign(model::Model& model, size_t facet, const data::View& view, Tensor indices) {
  if (!indices.defined()) indices = at::arange(view.size(), at::kLong);
  auto responsibilities = [&](const Tensor& x) { return model.responsibilities(x, facet); };
  return most_probable(analysis::in_blocks(view, indices, responsibilities));
}

}  // namespace cleave::experiment
