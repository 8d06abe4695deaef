#include "cleave/classical/umap_moves.h"

#include <bit>

#include "cleave/base/random.h"
#include "cleave/classical/processors.h"

namespace cleave::classical {

namespace {

constexpr int64_t kPairs = 512;     // pulls and pushes that are worked out together
constexpr int64_t kAhead = 256;     // samples looked at together
constexpr float kMostPull = 4;      // per axis, as in the source
constexpr int64_t kCacheLine = 16;  // floats

/// x^power to 5 digits, for x from 1e-12 to 1e12 and powers up to 3. Plain arithmetic on the bits without a branch, so
/// that the lanes of a vector do it at once.
[[gnu::always_inline]] inline float power_of(float x, float power) {
  const auto bits = std::bit_cast<int32_t>(x);
  const float m = std::bit_cast<float>((bits & 0x007fffff) | 0x3f800000) - 1.5F;
  const auto exponent = static_cast<float>((bits >> 23) - 127);
  const float log2 =
      exponent +
      (0.584950498F +
       m * (0.961821228F + m * (-0.319749095F + m * (0.141718159F + m * (-0.0800108769F + m * 0.0439286278F)))));
  const float y = power * log2 + 127;
  const auto whole = static_cast<int32_t>(y);
  const float f = y - static_cast<float>(whole) - 0.5F;
  const float fraction = 1.41421367F + f * (0.980221167F + f * (0.3397239F + f * (0.0790857012F + f * 0.0136839829F)));
  return std::bit_cast<float>(whole << 23) * fraction;
}

/// Who acts on whom.
struct Pairs {
  int32_t mover[kPairs];
  int32_t other[kPairs];
  float pulls[kPairs];  ///< 1 for a pull, 0 for a push
  int64_t count = 0;

  /// `others` are asked for now, so that they are at hand when all pairs are worked out: they lie all over memory.
  template <int64_t kWidth>
  [[gnu::always_inline]] void add(int64_t who, uint64_t by, float pull, const UmapMoves& moves) {
    const int64_t width = kWidth > 0 ? kWidth : moves.width;
    const float* place = moves.others + static_cast<int64_t>(by) * width;
    for (int64_t d = 0; d < width; d += kCacheLine)
      __builtin_prefetch(place + d);
    if (width % kCacheLine != 0) __builtin_prefetch(place + width - 1);  // a row need not begin with a line
    mover[count] = static_cast<int32_t>(who);
    other[count] = static_cast<int32_t>(by);
    pulls[count++] = pull;
  }
};

template <int64_t kWidth>
[[gnu::always_inline]] inline void act(const UmapMoves& moves, Pairs& pairs, float* moved) {
  const int64_t width = kWidth > 0 ? kWidth : moves.width;
  constexpr int64_t kAxes = kWidth == 2 ? 2 : 4;  // positions are padded to a multiple of it
  float strengths[kPairs];
  for (int64_t p = 0; p < pairs.count; ++p) {
    const float* own = moves.movers + int64_t{pairs.mover[p]} * width;
    const float* other = moves.others + int64_t{pairs.other[p]} * width;
    float square = 0;
#pragma omp simd reduction(+ : square)
    for (int64_t d = 0; d < width; ++d) {
      const float difference = own[d] - other[d];
      square += difference * difference;
    }
    strengths[p] = square < 1e12F ? square : 1e12F;
  }
#pragma omp simd
  for (int64_t p = 0; p < pairs.count; ++p) {
    // Positions that are equal are kept off a division by 0; their difference, 0, is what counts.
    const float square = strengths[p] + 1e-12F;
    const float powered = power_of(square, moves.b);
    const float curve = 1 + moves.a * powered;
    const float pull = -2 * moves.a * moves.b * powered / (square * curve);
    const float push = 2 * moves.b / ((0.001F + square) * curve);
    strengths[p] = push + pairs.pulls[p] * (pull - push);
  }
  for (int64_t p = 0; p < pairs.count; ++p) {
    const float* own = moves.movers + int64_t{pairs.mover[p]} * width;
    const float* other = moves.others + int64_t{pairs.other[p]} * width;
    float* to = moved + int64_t{pairs.mover[p]} * width;
    const float strength = strengths[p];
    for (int64_t first = 0; first < width; first += kAxes) {
#pragma omp simd
      for (int64_t d = first; d < first + kAxes; ++d) {
        float move = strength * (own[d] - other[d]);
        move = move < -kMostPull ? -kMostPull : move;
        move = move > kMostPull ? kMostPull : move;
        to[d] += moves.learning_rate * move;
      }
    }
  }
  pairs.count = 0;
}

template <int64_t kWidth>
[[gnu::always_inline]] inline void move(const UmapMoves& moves, const int64_t* offsets, const UmapSample* samples,
                                        int64_t first, int64_t last, float* moved) {
  Pairs pairs;
  const uint32_t time = moves.epoch + 1;
  const auto others = static_cast<uint64_t>(moves.other_count);
  int32_t due[kAhead], places[kAhead];
  int64_t i = first;
  for (int64_t begin = offsets[first]; begin < offsets[last]; begin += kAhead) {
    const int64_t here = offsets[last] - begin < kAhead ? offsets[last] - begin : kAhead;
#pragma omp simd
    for (int64_t s = 0; s < here; ++s) {
      // A sample is due when the count of its periods rises, which is when the fraction wraps around.
      const UmapSample& sample = samples[begin + s];
      due[s] = static_cast<int32_t>(time * sample.rate + sample.phase < sample.rate);
    }
    int64_t count = 0;
    for (int64_t s = 0; s < here; ++s) {
      places[count] = static_cast<int32_t>(s);
      count += due[s];
    }
    for (int64_t c = 0; c < count; ++c) {
      const int64_t place = begin + places[c];
      while (place >= offsets[i + 1])
        ++i;
      const uint32_t neighbour = samples[place].neighbour;
      const int64_t negatives = (neighbour & UmapSample::kOwn) != 0 ? moves.negative_samples : 0;
      if (pairs.count == kPairs) act<kWidth>(moves, pairs, moved);
      pairs.add<kWidth>(i, neighbour & ~UmapSample::kOwn, 1, moves);
      Sequence noise(moves.key ^ mix(static_cast<uint64_t>(place)));
      uint64_t words = 0;
      for (int64_t n = 0; n < negatives; ++n) {
        words = n % 2 == 0 ? noise.next() : words << 32;
        if (pairs.count == kPairs) act<kWidth>(moves, pairs, moved);
        pairs.add<kWidth>(i, ((words >> 32) * others) >> 32, 0, moves);
      }
    }
  }
  act<kWidth>(moves, pairs, moved);
}

}  // namespace

CLEAVE_FOR_EVERY_PROCESSOR
void umap_move(const UmapMoves& moves, const int64_t* offsets, const UmapSample* samples, int64_t first, int64_t last,
               float* moved) {
  switch (moves.width) {
    case 2:
      return move<2>(moves, offsets, samples, first, last, moved);
    case 4:
      return move<4>(moves, offsets, samples, first, last, moved);
    case 8:
      return move<8>(moves, offsets, samples, first, last, moved);
    case 12:
      return move<12>(moves, offsets, samples, first, last, moved);
    case 16:
      return move<16>(moves, offsets, samples, first, last, moved);
    default:
      return move<0>(moves, offsets, samples, first, last, moved);
  }
}

}  // namespace cleave::classical
