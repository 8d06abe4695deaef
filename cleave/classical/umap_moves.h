// The innermost loop of UMAP's epochs, compiled once per kind of processor.
#pragma once

#include <cstdint>

namespace cleave::classical {

/// An edge as seen from one end.
struct UmapEdge {
  int32_t neighbour;
  uint32_t rate;   ///< samples per epoch, in 2^-32
  uint32_t phase;  ///< where in its period the edge starts, in 2^-32; half a period apart at its two ends
};

/// What the moves of one epoch have in common. Positions have `width` values a row, D rounded up to 2 or to a multiple
/// of 4, zero beyond D.
struct UmapMoves {
  const float* others;     ///< [M, width] where the neighbours and the negatives lie
  int64_t other_count;     ///< M
  int64_t width;
  float a, b;              ///< of the curve; b at most 3
  float learning_rate;
  int64_t negative_samples;
  uint64_t key;            ///< of the random words
  uint32_t epoch;          ///< from 0
  bool mirrored;           ///< whether examples move for their neighbours' samples too
};

/// Moves one example at `own` [width] along its `count` edges. `word` makes its random numbers its own.
void umap_move(const UmapMoves& moves, const UmapEdge* edges, int64_t count, uint64_t word, float* own);

}  // namespace cleave::classical
