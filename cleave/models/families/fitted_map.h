// A map of the examples of a fit, and a place on it for any other example.
#pragma once

#include <algorithm>
#include <functional>

#include "cleave/classical/neighbour_graph.h"
#include "cleave/classical/umap.h"
#include "cleave/model/fitted_rows.h"

namespace cleave::models {

class FittedMap {
 public:
  /// Registers the buffers "examples" [N, D] and "map" [N, M], empty before begin(), and those of FittedRows.
  FittedMap(torch::nn::Module& owner, const classical::UmapOptions& options)
      : options_(options),
        rows_(owner),
        examples_(owner.register_buffer("examples", at::empty({0, 0}))),
        map_(owner.register_buffer("map", at::empty({0, options.dimensions}))) {}

  const classical::UmapOptions& options() const { return options_; }
  const Tensor& examples() const { return examples_; }
  const Tensor& map() const { return map_; }
  bool empty() const { return map_.size(0) == 0; }

  /// x [N, X], the examples of the fit; the same in the space in which neighbours are measured, [N, D]; their places.
  void begin(const Tensor& x, const Tensor& examples, const Tensor& map) {
    rows_.remember(x);
    examples_.set_data(examples.contiguous());
    map_.set_data(map);
  }
  void move(const Tensor& map) { map_.set_data(map); }

  /// Of `candidates` [B, C] int64, rows of the fit, the k nearest to x [B, X].
  using Choice = std::function<classical::Neighbours(const Tensor& x, const Tensor& candidates, int64_t k)>;

  /// Places of x [B, X], [B, M]: known for the examples of the fit, found through their neighbours for others.
  /// `space` takes [B, X] to [B, D]; with a `choice` the neighbours are chosen by it among `offered` times as many.
  Tensor places(const Tensor& x, const std::function<Tensor(const Tensor&)>& space, const Choice& choice = {},
                int64_t offered = 1) const {
    const Tensor known = rows_.find(x), fresh = known.lt(0).nonzero().flatten();
    const Tensor places = map_.index_select(0, known.clamp_min(0));
    if (fresh.size(0) == 0) return places;
    const int64_t n = examples_.size(0), k = std::min(options_.neighbours, n);
    const Tensor others = x.index_select(0, fresh);
    auto neighbours = classical::nearest(space(others), examples_, std::min(offered * k, n));
    if (choice) neighbours = choice(others, neighbours.indices, k);
    return places.index_copy(0, fresh, classical::umap_place(neighbours, map_, options_, Randomness(0)));
  }

 private:
  classical::UmapOptions options_;
  model::FittedRows rows_;
  Tensor examples_, map_;
};

}  // namespace cleave::models
