#include "cleave/models/families/affinity_map.h"

#include <algorithm>
#include <limits>

#include "cleave/base/error.h"

namespace cleave::models {

using classical::MapOptions;
using classical::MapProgress;
using classical::MapStart;

MapOptions AffinityMapConfig::options() const {
  return {.iterations = epochs,
          .early_iterations = std::min(early_epochs, epochs / 3),
          .early_exaggeration = early_exaggeration,
          .learning_rate = learning_rate};
}

MapStart AffinityMapConfig::start() const {
  if (initialisation == "pca") return MapStart::kPca;
  return initialisation == "spectral" ? MapStart::kSpectral : MapStart::kRandom;
}

AffinityMap::AffinityMap(const AffinityMapConfig& config, const char* who)
    : Model(kAbilities), config_(config), who_(who), space_(*this, config.pca_dim), fitted_(*this) {
  Tensor none = at::empty({0, config.latent_dim});
  examples_ = register_buffer("examples", at::empty({0, 0}));
  map_ = register_buffer("map", none.clone());
  divergence_ = register_buffer("divergence", at::full({}, std::numeric_limits<double>::infinity(), at::kDouble));
  iteration_ = register_buffer("fit_iteration", at::zeros({}, at::kLong));
  update_ = register_buffer("fit_update", none.clone());
  gains_ = register_buffer("fit_gains", none.clone());
}

std::vector<model::Stage> AffinityMap::stages() const {
  return {{.name = "map", .epochs = config_.epochs, .closed_form = true}};
}

void AffinityMap::prepare(const model::Fitting& fitting) {
  const auto should_stop = fitting.stop();
  const bool begins = iteration_.item<int64_t>() == 0;
  Tensor x = fitting.data.all();
  check_size(x.size(0));
  if (begins) space_.fit(x, fitting.observer);
  Tensor examples = begins ? space_(x).contiguous() : examples_;
  auto affinities =
      classical::affinities(examples, config_.perplexity, reach(), fitting.random, should_stop);  // A1, A2
  if (begins) {
    Tensor map = classical::first_map(examples, affinities, dimensions(), config_.start(), fitting.random, should_stop);
    fitted_.remember(x);
    examples_.set_data(examples);
    map_.set_data(map);
    update_.set_data(at::zeros_like(map));
    gains_.set_data(at::ones_like(map));
  }
  cost_ = cost(std::move(affinities));
}

model::Iteration AffinityMap::iterate(const model::Stage&, const model::Step&, const model::Fitting& fitting) {  // O1
  if (!cost_) prepare(fitting);
  MapProgress progress{.iteration = iteration_.item<int64_t>(), .map = map_, .update = update_, .gains = gains_};
  progress.cost = divergence_.item<double>();
  classical::map_iteration(cost_, config_.options(), progress, 1 / cost_unit(map_.size(0)));
  map_.set_data(progress.map);
  update_.set_data(progress.update);
  gains_.set_data(progress.gains);
  divergence_.fill_(progress.cost);
  iteration_.fill_(progress.iteration);
  if (progress.finished) cost_ = {};
  return {{{"divergence", progress.cost / cost_unit(map_.size(0))}}, progress.finished};
}

model::Latents AffinityMap::infer(const Tensor& x) {
  require<ArgumentError>(map_.size(0) > 0, "{}: the map is not fitted yet", who_);
  Tensor known = fitted_.find(x);
  Tensor z = map_.index_select(0, known.clamp_min(0));
  Tensor fresh = (known < 0).nonzero().flatten();
  if (fresh.size(0) > 0) {  // I1
    z.index_copy_(0, fresh, classical::place(space_(x.index_select(0, fresh)), {examples_, map_, kernel()}));
  }
  return {{z}, {Tensor()}};
}

}  // namespace cleave::models
