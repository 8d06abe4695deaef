#include "cleave/classical/umap_moves.h"

#include <algorithm>
#include <bit>

#include "cleave/base/random.h"
#include "cleave/classical/processors.h"

namespace cleave::classical {

namespace {

constexpr int64_t kLanes = 8;     // pulls and pushes that act together
constexpr int64_t kMargin = 64;   // edges looked at together
constexpr float kMostPull = 4;    // per axis, as in the source

/// x^power to 5 digits, for x from 1e-12 to 1e12 and powers up to 3. Plain arithmetic on the bits without a branch, so
/// that the lanes of a vector do it at once.
[[gnu::always_inline]] inline float power_of(float x, float power) {
  const auto bits = std::bit_cast<int32_t>(x);
  const float m = std::bit_cast<float>((bits & 0x007fffff) | 0x3f800000) - 1.5F;
  const auto exponent = static_cast<float>((bits >> 23) - 127);
  const float log2 =
      exponent + (0.584950498F +
                  m * (0.961821228F +
                       m * (-0.319749095F + m * (0.141718159F + m * (-0.0800108769F + m * 0.0439286278F)))));
  const float y = power * log2 + 127;
  const auto whole = static_cast<int32_t>(y);
  const float f = y - static_cast<float>(whole) - 0.5F;
  const float fraction =
      1.41421367F + f * (0.980221167F + f * (0.3397239F + f * (0.0790857012F + f * 0.0136839829F)));
  return std::bit_cast<float>(whole << 23) * fraction;
}

/// Lanes wait here until there are enough of them to act.
struct Waiting {
  int32_t other[kLanes];
  float pulls[kLanes];  ///< 1 for a pull, 0 for a push
  int64_t count = 0;
};

/// All that waits acts on `own` at once.
template <int64_t kWidth>
[[gnu::always_inline]] inline void act(const UmapMoves& moves, Waiting& waiting, float* own) {
  const int64_t width = kWidth > 0 ? kWidth : moves.width;
  constexpr int64_t kAxes = kWidth == 2 ? 2 : 4;  // positions are padded to a multiple of it
  float squares[kLanes] = {}, strengths[kLanes];
  for (int64_t lane = 0; lane < waiting.count; ++lane) {
    const float* other = moves.others + int64_t{waiting.other[lane]} * width;
    float square = 0;
#pragma omp simd reduction(+ : square)
    for (int64_t d = 0; d < width; ++d) {
      const float difference = own[d] - other[d];
      square += difference * difference;
    }
    squares[lane] = square < 1e12F ? square : 1e12F;
  }
  // Positions that are equal are kept off a division by 0; their difference, 0, is what counts.
#pragma omp simd
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    const float square = squares[lane] + 1e-12F;
    const float powered = power_of(square, moves.b);
    const float curve = 1 + moves.a * powered;
    const float pull = -2 * moves.a * moves.b * powered / (square * curve);
    const float push = 2 * moves.b / ((0.001F + square) * curve);
    strengths[lane] = push + waiting.pulls[lane] * (pull - push);
  }
  for (int64_t first = 0; first < width; first += kAxes) {
    float sums[kAxes] = {};
    for (int64_t lane = 0; lane < waiting.count; ++lane) {
      const float* other = moves.others + int64_t{waiting.other[lane]} * width + first;
      const float strength = strengths[lane];
#pragma omp simd
      for (int64_t d = 0; d < kAxes; ++d) {
        float move = strength * (own[first + d] - other[d]);
        move = move < -kMostPull ? -kMostPull : move;
        move = move > kMostPull ? kMostPull : move;
        sums[d] += move;
      }
    }
#pragma omp simd
    for (int64_t d = 0; d < kAxes; ++d)
      own[first + d] += moves.learning_rate * sums[d];
  }
  waiting.count = 0;
}

template <int64_t kWidth>
[[gnu::always_inline]] inline void move(const UmapMoves& moves, const UmapEdge* edges, int64_t count, uint64_t word,
                                        float* own) {
  Waiting waiting;
  auto wait = [&](int32_t other, float pulls) __attribute__((always_inline)) {
    waiting.other[waiting.count] = other;
    waiting.pulls[waiting.count] = pulls;
    if (++waiting.count == kLanes) act<kWidth>(moves, waiting, own);
  };
  Sequence noise(moves.key ^ word);
  const uint32_t time = moves.epoch + 1;
  const auto others = static_cast<uint64_t>(moves.other_count);
  const int32_t mirrored = moves.mirrored ? 2 : 0;
  int32_t due[kMargin];
  for (int64_t first = 0; first < count; first += kMargin) {
    const int64_t here = std::min(kMargin, count - first);
#pragma omp simd
    for (int64_t e = 0; e < here; ++e) {
      // An edge is due in the epochs in which the count of its periods rises, which is when the fraction wraps around.
      const uint32_t rate = edges[first + e].rate, at = time * rate + edges[first + e].phase;
      due[e] = static_cast<int32_t>(at < rate) | (static_cast<int32_t>(at + 0x80000000U < rate) * mirrored);
    }
    for (int64_t e = 0; e < here; ++e) {
      if (due[e] == 0) continue;
      const int32_t neighbour = edges[first + e].neighbour;
      wait(neighbour, 1);
      if (due[e] == 3) wait(neighbour, 1);
      if ((due[e] & 1) == 0) continue;
      uint64_t words = 0;
      for (int64_t s = 0; s < moves.negative_samples; ++s) {
        words = s % 2 == 0 ? noise.next() : words << 32;
        wait(static_cast<int32_t>(((words >> 32) * others) >> 32), 0);
      }
    }
  }
  if (waiting.count > 0) act<kWidth>(moves, waiting, own);
}

}  // namespace

CLEAVE_FOR_EVERY_PROCESSOR
void umap_move(const UmapMoves& moves, const UmapEdge* edges, int64_t count, uint64_t word, float* own) {
  switch (moves.width) {
    case 2: return move<2>(moves, edges, count, word, own);
    case 4: return move<4>(moves, edges, count, word, own);
    case 8: return move<8>(moves, edges, count, word, own);
    case 12: return move<12>(moves, edges, count, word, own);
    case 16: return move<16>(moves, edges, count, word, own);
    default: return move<0>(moves, edges, count, word, own);
  }
}

}  // namespace cleave::classical
