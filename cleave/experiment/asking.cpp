#include "cleave/experiment/asking.h"

#include <vector>

namespace cleave::experiment {

namespace {
constexpr int64_t kRowsAtOnce = 2048;
}

Tensor ask(const data::View& view, const Tensor& indices, const std::function<Tensor(const Tensor& x)>& ask) {
  at::NoGradGuard no_grad;
  std::vector<Tensor> parts;
  for (const Tensor& some : indices.split(kRowsAtOnce))
    parts.push_back(ask(view.rows(some)));
  return at::cat(parts);
}

Tensor evenly_spaced(int64_t size, int64_t most) {
  if (size <= most) return at::arange(size, at::kLong);
  return at::arange(most, at::kLong).mul_(size).floor_divide_(most);
}

Assignment most_probable(const Tensor& responsibilities) {
  auto [confidence, cluster] = responsibilities.max(/*dim=*/1);
  return {cluster.masked_fill(confidence == 0, -1), confidence.to(at::kFloat)};
}

Assignment assign(model::Model& model, size_t facet, const data::View& view, const Tensor& indices) {
  return most_probable(ask(view, indices, [&](const Tensor& x) { return model.responsibilities(x, facet); }));
}

}  // namespace cleave::experiment
