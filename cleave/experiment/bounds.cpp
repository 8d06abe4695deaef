#include "cleave/experiment/bounds.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "cleave/analysis/answers.h"
#include "cleave/probability/distributions.h"

namespace cleave::experiment {

namespace {

constexpr int64_t kValuesAtOnce = int64_t{1} << 22;  // what is computed from them fits into the memory kept
constexpr int64_t kMostValues = int64_t{1} << 28;    // in all, half a minute's work: fewer examples of wide data
constexpr int64_t kFewestExamples = 50;
constexpr int64_t kBoundDraws = 10;  // the mean of a bound is far surer than the mean over examples

/// Values that a model has of an example at the same time: features, or probabilities of its clusters.
int64_t values_of_an_example(const model::Model& model, const data::View& view) {
  int64_t values = view.width();
  for (const model::Facet& facet : model.facets())
    values = std::max(values, facet.clusters);
  return values;
}

double mean_of(const Tensor& values) {
  return values.mean().item<double>();
}

double standard_error(const Tensor& values) {
  if (values.numel() < 2) return 0;
  return values.std().item<double>() / std::sqrt(static_cast<double>(values.numel()));
}

}  // namespace

Bounds measure_bounds(model::Model& model, const data::View& view, int64_t examples, int64_t samples,
                      const Randomness& random) {
  at::NoGradGuard no_grad;
  const int64_t values = samples * values_of_an_example(model, view), draws = std::min(samples, kBoundDraws);
  Tensor rows =
      analysis::stratified_rows(view.size(), std::min(examples, std::max(kMostValues / values, kFewestExamples)));
  std::vector<Tensor> elbo, iwae;  // per block of examples
  for (const Tensor& some : rows.split(std::max<int64_t>(1, kValuesAtOnce / values))) {
    Tensor x = view.rows(some).repeat_interleave(samples, 0);  // [B S, X]
    auto block = static_cast<uint64_t>(elbo.size());
    model::Latents h = model.sample_posterior(x, random.stream("importance", block));
    Tensor log_weight = (model.log_joint(x, h) - model.log_posterior(h, x)).to(at::kDouble).view({-1, samples});
    iwae.push_back(probability::importance_weighted(log_weight.t()));
    Tensor repeated = view.rows(some).repeat_interleave(draws, 0);  // [B D, X]
    Tensor bound = model.evidence_bound(repeated, random.stream("bound", block)).to(at::kDouble);
    elbo.push_back(bound.view({-1, draws}).mean(1));
  }
  Tensor all_elbo = at::cat(elbo), all_iwae = at::cat(iwae);
  return {mean_of(all_elbo), standard_error(all_elbo), mean_of(all_iwae), standard_error(all_iwae), samples,
          rows.numel()};
}

}  // namespace cleave::experiment
