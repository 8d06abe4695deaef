// The innermost loops of UMAP's epochs, compiled once per kind of processor.
#pragma once

#include <cstdint>

namespace cleave::classical {

/// A sampled edge as one of its two ends sees it.
struct UmapSample {
  uint32_t neighbour;  ///< the other end; the top bit is set where the sample is this end's own, which brings negatives
  uint32_t rate;       ///< times per epoch, in 2^-32
  uint32_t phase;      ///< where in its period it starts, in 2^-32; the same at both ends

  static constexpr uint32_t kOwn = 0x80000000U;
};

/// What the moves of one step have in common. Positions have `width` values a row: D rounded up to 2 or to a multiple
/// of 4, zero beyond D.
struct UmapMoves {
  const float* movers;  ///< [N, width] those that move, where they stand before the step
  const float* others;  ///< [M, width] where their neighbours and the negatives stand
  int64_t other_count;  ///< M
  int64_t width;
  float a, b;  ///< of the curve; b at most 3
  float learning_rate;
  int64_t negative_samples;
  uint64_t key;    ///< of the random words of this step
  uint32_t epoch;  ///< from 0
};

/// Adds to moved [N, width] the moves of the movers [first, last) along those of their samples that are due in this
/// epoch. offsets [N + 1] says where in `samples` those of each mover begin.
void umap_move(const UmapMoves& moves, const int64_t* offsets, const UmapSample* samples, int64_t first, int64_t last,
               float* moved);

}  // namespace cleave::classical
