#include <algorithm>
#include <vector>

#include <ATen/Parallel.h>

#include "cleave/classical/umap.h"
#include "cleave/classical/umap_positions.h"

namespace cleave::classical {

Tensor umap_place(const Neighbours& neighbours, const Tensor& map, const UmapOptions& options,
                  const Randomness& random) {
  check(options);
  const int64_t count = neighbours.indices.size(0), k = neighbours.indices.size(1), dimensions = map.size(1);
  const int64_t epochs =
      options.epochs > 0 ? std::max<int64_t>(1, options.epochs / 3) : (map.size(0) <= 10000 ? 100 : 30);
  const UmapCurve curve = umap_curve(options.min_dist, options.spread);
  const uint64_t key = random.bits("place");
  Tensor weights = memberships(neighbours.distances, /*connected=*/false).weights;
  Tensor indices = neighbours.indices.contiguous(), others = widened(map.to(at::kFloat));
  Tensor result = at::zeros({count, others.size(1)}, at::kFloat);
  const auto* all_weights = weights.const_data_ptr<float>();
  const auto* all_indices = indices.const_data_ptr<int64_t>();
  auto* positions = result.data_ptr<float>();
  UmapMoves common{.others = others.const_data_ptr<float>(),
                   .other_count = map.size(0),
                   .width = others.size(1),
                   .a = static_cast<float>(curve.a),
                   .b = static_cast<float>(std::min(curve.b, 3.0)),
                   .negative_samples = options.negative_samples};
  at::parallel_for(0, count, 16, [&](int64_t begin, int64_t end) {
    UmapMoves moves = common;
    std::vector<UmapSample> samples;
    std::vector<float> before(static_cast<size_t>(moves.width));
    const int64_t one[2] = {0, 1};
    for (int64_t q = begin; q < end; ++q) {
      const float* strength = all_weights + q * k;
      const int64_t* neighbour = all_indices + q * k;
      float* own = positions + q * moves.width;
      const float largest = *std::max_element(strength, strength + k);
      float total = 0;
      uint64_t word = 0;
      samples.clear();
      for (int64_t j = 0; j < k; ++j) {
        total += strength[j];
        word = mix(word ^ static_cast<uint64_t>(neighbour[j]));  // the example is known by its neighbours
        for (int64_t d = 0; d < moves.width; ++d)
          own[d] += strength[j] * moves.others[neighbour[j] * moves.width + d];
        if (strength[j] * static_cast<float>(epochs) < largest) continue;
        const auto phase = static_cast<uint32_t>(mix(key ^ word) >> 32);
        samples.push_back(
            {static_cast<uint32_t>(neighbour[j]) | UmapSample::kOwn, rate_of(strength[j], largest), phase});
      }
      for (int64_t d = 0; d < moves.width; ++d)
        own[d] /= total;
      for (int64_t epoch = 0; epoch < epochs; ++epoch) {
        moves.epoch = static_cast<uint32_t>(epoch);
        moves.learning_rate = static_cast<float>(options.learning_rate / 4 *
                                                 (1 - static_cast<double>(epoch) / static_cast<double>(epochs)));
        for (size_t s = 0; s < samples.size(); ++s) {  // one after another: there is one mover only
          moves.key = mix(word ^ mix(key + static_cast<uint64_t>(epoch) * samples.size() + s));
          std::copy_n(own, moves.width, before.begin());
          moves.movers = before.data();
          umap_move(moves, one, &samples[s], 0, 1, own);
        }
      }
    }
  });
  return result.slice(1, 0, dimensions).contiguous();
}

}  // namespace cleave::classical
