#include "cleave/experiment/samples.h"

#include "cleave/base/error.h"

namespace cleave::experiment {

namespace {

constexpr int64_t kDrawsForMean = 2000;

}  // namespace

Tensor draw_samples(model::Model& model, size_t facet, int64_t count, double spread, const Randomness& random) {
  at::NoGradGuard no_grad;
  require<ArgumentError>(model.abilities().generates,
                         "[{}] this method draws no samples; `cleave models` lists what each method can do",
                         model.name());
  std::vector<model::Facet> facets = model.facets();
  require<ArgumentError>(facet < std::max<size_t>(1, facets.size()), "--facet: expected less than {} but received {}",
                         std::max<size_t>(1, facets.size()), facet);
  int64_t clusters = facets.empty() ? 1 : facets[facet].clusters;
  std::vector<Tensor> samples;
  for (int64_t k = 0; k < clusters; ++k) {
    auto cluster = facets.empty() ? std::optional<int64_t>() : k;
    auto draw = [&](int64_t n, const char* stream) {
      return model.sample_prior(n, cluster, facet, random.stream(stream, static_cast<uint64_t>(k)));
    };
    model::Latents h = draw(count, "samples");
    if (spread != 1) {
      model::Latents many = draw(kDrawsForMean, "mean");
      for (size_t l = 0; l < h.z.size(); ++l) {
        Tensor mean = many.z[l].mean(0, /*keepdim=*/true);
        h.z[l] = mean + spread * (h.z[l] - mean);
      }
    }
    samples.push_back(model.decode(h));
  }
  return at::stack(samples);
}

}  // namespace cleave::experiment
