#include "cleave/analysis/generation.h"

#include <algorithm>
#include <optional>

#include <ATen/core/grad_mode.h>

#include "cleave/analysis/answers.h"
#include "cleave/base/error.h"

namespace cleave::analysis {
namespace {

/// Each layer's part of codes [B, D], cut as the layers of `like`.
std::vector<Tensor> layers_of(const Tensor& codes, const model::Latents& like) {
  std::vector<int64_t> widths;
  for (const Tensor& z : like.z)
    widths.push_back(z.size(1));
  return codes.split_with_sizes(widths, /*dim=*/1);
}

/// The cluster variables, each example's repeated `times` times in a row.
std::vector<Tensor> repeated(const std::vector<Tensor>& y, int64_t times) {
  std::vector<Tensor> result;
  for (const Tensor& one : y)
    result.push_back(one.defined() ? one.repeat_interleave(times, 0) : one);
  return result;
}

void require_generator(const model::Model& model) {
  require<ArgumentError>(model.abilities().generates,
                         "this method draws no samples; `cleave models` lists what each method can do");
}

/// Draws from the prior, widened about their mean.
model::Latents draw(model::Model& model, std::optional<int64_t> cluster, size_t facet, int64_t count, double spread,
                    const Randomness& random) {
  constexpr int64_t kDrawsForMean = 2000;
  auto of = [&](int64_t n, const char* stream) { return model.sample_prior(n, cluster, facet, random.stream(stream)); };
  model::Latents h = of(count, "samples");
  if (spread == 1) return h;
  const model::Latents many = of(kDrawsForMean, "mean");
  for (size_t l = 0; l < h.z.size(); ++l) {
    Tensor mean = many.z[l].mean(0, /*keepdim=*/true);
    h.z[l] = mean + spread * (h.z[l] - mean);
  }
  return h;
}

}  // namespace

Tensor reconstructions(model::Model& model, const Tensor& x) {
  at::NoGradGuard no_grad;
  return model.decode(model.infer(x));
}

Tensor draw_samples(model::Model& model, size_t facet, int64_t count, double spread, const Randomness& random) {
  at::NoGradGuard no_grad;
  require_generator(model);
  const std::vector<model::Facet> facets = model.facets();
  require<ArgumentError>(facet < std::max<size_t>(1, facets.size()), "--facet: expected less than {} but received {}",
                         std::max<size_t>(1, facets.size()), facet);
  if (facets.empty()) return prior_samples(model, count, spread, random).unsqueeze(0);
  const model::Latents others = draw(model, std::nullopt, facet, count, spread, random.child("others"));
  const auto layer = static_cast<size_t>(facets[facet].layer);
  std::vector<Tensor> samples;
  for (int64_t k = 0; k < facets[facet].clusters; ++k) {
    model::Latents of_cluster = draw(model, k, facet, count, spread, random), h = others;
    h.z[layer] = of_cluster.z[layer];
    h.y[layer] = of_cluster.y[layer];
    samples.push_back(model.decode(h));
  }
  return at::stack(samples);
}

Tensor prior_samples(model::Model& model, int64_t count, double spread, const Randomness& random) {
  at::NoGradGuard no_grad;
  require_generator(model);
  return model.decode(draw(model, std::nullopt, 0, count, spread, random));
}

LabelledSamples labelled_samples(model::Model& model, int64_t count, double spread, const Randomness& random) {
  at::NoGradGuard no_grad;
  require_generator(model);
  const std::vector<model::Facet> facets = model.facets();
  require<ArgumentError>(!facets.empty(), "this method has no clusters that its samples could be labelled with");
  const model::Latents h = draw(model, std::nullopt, 0, count, spread, random);
  return {model.decode(h), h.y.at(static_cast<size_t>(facets[0].layer))};
}

Tensor resampled_layers(model::Model& model, const Tensor& base, int64_t count, const Randomness& random) {
  at::NoGradGuard no_grad;
  require_generator(model);
  const model::Latents given = model.infer(base.expand({count, -1}));
  const model::Latents drawn = model.sample_prior(count, std::nullopt, 0, random.stream("layers"));
  std::vector<Tensor> samples;
  for (size_t layer = 0; layer < given.z.size(); ++layer) {
    model::Latents h = given;
    h.z[layer] = drawn.z[layer];
    samples.push_back(model.decode(h));
  }
  return at::stack(samples);
}

Tensor transfers(model::Model& model, const Tensor& x, size_t facet) {
  at::NoGradGuard no_grad;
  const model::Facet asked = model.facets().at(facet);
  model::Latents h = model.infer(x);
  std::vector<Tensor> decoded;
  for (int64_t k = 0; k < asked.clusters; ++k) {
    h.y[static_cast<size_t>(asked.layer)] = at::full({x.size(0)}, k, at::kLong);
    decoded.push_back(model.decode(h));
  }
  return at::stack(decoded, /*dim=*/1);
}

Tensor Traversals::active() const {
  return in_nats ? amounts.ge(kActiveNats) : amounts.ge(1e-3 * amounts.max()).logical_and(amounts.gt(0));
}

Traversals traverse(model::Model& model, const Tensor& base, const Tensor& codes, const Tensor& nats, int64_t latents,
                    int64_t steps, double span) {
  at::NoGradGuard no_grad;
  Traversals result;
  result.in_nats = nats.defined();
  result.amounts = nats.defined() ? nats : codes.var(0, /*unbiased=*/false);
  Tensor order = result.amounts.argsort(/*stable=*/true, 0, /*descending=*/true);
  result.order = order.narrow(0, 0, std::min(latents, order.size(0)));
  if (span > 0) {
    Tensor mean = codes.mean(0), reach = span * codes.std(0, /*unbiased=*/false);
    result.low = mean - reach, result.high = mean + reach;
  } else {
    result.low = at::quantile(codes, 0.01, 0), result.high = at::quantile(codes, 0.99, 0);
  }

  model::Latents h = model.infer(base);
  Tensor code = at::cat(h.z, 1);
  for (int64_t l = 0; l < result.order.size(0); ++l) {
    int64_t latent = result.order[l].item<int64_t>();
    Tensor moved = code.repeat({steps, 1});  // [S, D]
    moved.select(1, latent).copy_(
        at::linspace(result.low[latent].item<double>(), result.high[latent].item<double>(), steps));
    Tensor decoded = model.decode({layers_of(moved, h), repeated(h.y, steps)});
    if (!result.decoded.defined()) result.decoded = at::empty({result.order.size(0), steps, decoded.size(1)});
    result.decoded[l].copy_(decoded);
  }
  return result;
}

Tensor interpolations(model::Model& model, const Tensor& from, const Tensor& to, int64_t steps) {
  at::NoGradGuard no_grad;
  model::Latents first = model.infer(from), last = model.infer(to);
  Tensor start = at::cat(first.z, 1), end = at::cat(last.z, 1);
  std::vector<Tensor> decoded;
  for (int64_t s = 0; s < steps; ++s) {
    double share = static_cast<double>(s) / static_cast<double>(std::max<int64_t>(steps - 1, 1));
    Tensor code = at::lerp(start, end, share);
    decoded.push_back(model.decode({layers_of(code, first), share < 0.5 ? first.y : last.y}));
  }
  return at::stack(decoded, /*dim=*/1);
}

Tensor edits(model::Model& model, const Tensor& x, const Tensor& minus, const Tensor& plus, double strength,
             int64_t steps) {
  at::NoGradGuard no_grad;
  model::Latents h = model.infer(x);
  Tensor code = at::cat(h.z, 1);
  Tensor direction = model.embed(plus).mean(0) - model.embed(minus).mean(0);  // [D]
  std::vector<Tensor> decoded;
  for (int64_t s = 0; s < steps; ++s) {
    double share = strength * static_cast<double>(s) / static_cast<double>(std::max<int64_t>(steps - 1, 1));
    decoded.push_back(model.decode({layers_of(code + share * direction, h), h.y}));
  }
  return at::stack(decoded, /*dim=*/1);
}

}  // namespace cleave::analysis
