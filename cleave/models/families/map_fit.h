// The fit of a UMAP, epoch by epoch, which goes on after a resume.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

#include "cleave/base/error.h"
#include "cleave/model/model.h"
#include "cleave/models/families/fitted_map.h"

namespace cleave::models {

class MapFit {
 public:
  /// Registers the buffer `epochs`, [], how many are done.
  MapFit(torch::nn::Module& owner, FittedMap& map, const std::string& epochs)
      : map_(map), epoch_(owner.register_buffer(epochs, at::zeros({}, at::kLong))) {
    classical::check(map.options());
  }

  /// One more epoch. examples() are what is mapped, [N, D]; it is asked when the fit begins. The graph is made anew
  /// after a resume. Throws ArgumentError where there are fewer than 2 examples.
  model::Iteration epoch(const model::Fitting& fitting, const Randomness& random,
                         const std::function<Tensor()>& examples) {
    if (!layout_) prepare(fitting, random, examples);
    classical::UmapProgress progress{.epoch = epoch_.item<int64_t>(), .map = map_.map()};
    layout_->epoch(progress);
    map_.move(progress.map);
    epoch_.fill_(progress.epoch);
    if (progress.finished) layout_.reset();
    return {{{"epoch", static_cast<double>(progress.epoch)}}, progress.finished};
  }

 private:
  void prepare(const model::Fitting& fitting, const Randomness& random, const std::function<Tensor()>& examples) {
    const auto stop = fitting.stop();
    const Tensor z = map_.empty() ? examples() : map_.examples();
    require<ArgumentError>(z.size(0) >= 2, "umap: a map needs at least 2 examples, not {}", z.size(0));
    const int64_t k = std::min(map_.options().neighbours, z.size(0)) - 1;
    auto graph = classical::umap_graph(classical::nearest_others(z, k, random.child("neighbours"), stop));
    if (map_.empty()) map_.begin(fitting.data.all(), z, classical::umap_start(graph, z, map_.options(), random, stop));
    layout_.emplace(graph, map_.options(), random);
  }

  FittedMap& map_;
  Tensor epoch_;
  std::optional<classical::UmapLayout> layout_;
};

}  // namespace cleave::models
