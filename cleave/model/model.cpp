#include "cleave/model/model.h"

#include "cleave/base/error.h"

namespace cleave::model {

void Model::cannot(const char* what) const {
  throw ArgumentError(fmt::format("this method has no {}; `cleave models` lists what each method can do", what));
}

Objective Model::objective(const Batch&, const Stage&, const Step&, const Randomness&) {
  cannot("objective");
}
Iteration Model::iterate(const Stage&, const Step&, const Fitting&) {
  cannot("closed-form stage");
}
Latents Model::infer(const Tensor&) {
  cannot("codes");
}
Tensor Model::hidden_features(const Tensor&) {
  return {};
}
Tensor Model::responsibilities(const Tensor&, size_t) {
  cannot("clusters");
}
Answer Model::answer(const Tensor& x) {
  Answer answer;
  if (abilities().embeds) answer.latents = infer(x);
  for (size_t facet = 0; abilities().clusters && facet < facets().size(); ++facet)
    answer.responsibilities.push_back(responsibilities(x, facet));
  return answer;
}
Tensor Model::decode(const Latents&) {
  cannot("decoder");
}
Latents Model::sample_prior(int64_t, std::optional<int64_t>, size_t, at::Generator) {
  cannot("prior to sample from");
}
Tensor Model::information(const Tensor&) {
  return {};
}
Tensor Model::log_joint(const Tensor&, const Latents&) {
  cannot("joint density");
}
Latents Model::sample_posterior(const Tensor&, at::Generator) {
  cannot("posterior distribution");
}
Tensor Model::log_posterior(const Latents&, const Tensor&) {
  cannot("posterior distribution");
}

Tensor Model::embed(const Tensor& x) {
  return at::cat(infer(x).z, /*dim=*/1);
}

Tensor Model::evidence_bound(const Tensor& x, at::Generator generator) {
  Latents h = sample_posterior(x, generator);
  return log_joint(x, h) - log_posterior(h, x);
}

}  // namespace cleave::model
