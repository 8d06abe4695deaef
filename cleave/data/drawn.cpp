#include "cleave/data/drawn.h"

#include <array>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/base/random.h"
#include "cleave/base/text.h"
#include "cleave/data/glyph.h"

namespace cleave::data {

namespace {

constexpr int64_t kLargestSize = 10'000'000;

// Calls one(index, its own random sequence) for every example, on all threads.
template <class One>
void draw_each(const Dataset& set, uint64_t seed, const One& one) {
  const Randomness random(seed);
  at::parallel_for(0, set.size(), /*grain_size=*/64, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      Sequence sequence(random.bits(set.name, static_cast<uint64_t>(i)));
      one(i, sequence);
    }
  });
}

// Points in the plane -------------------------------------------------------------------------------------------------

/// A point without noise on the curve of class 0 or 1; turns in [0, 1).
using Curve = std::array<double, 2> (*)(int64_t label, double turns);

Dataset draw_points(const std::string& name, int64_t size, uint64_t seed, Curve curve, double noise) {
  Dataset set;
  set.name = name;
  set.shape = {2};
  set.feature_names = {"x", "y"};
  set.examples.dense = at::empty({size, 2}, at::kFloat);
  set.labels = at::empty({size}, at::kLong);
  auto* points = set.examples.dense.mutable_data_ptr<float>();
  auto* labels = set.labels.mutable_data_ptr<int64_t>();
  draw_each(set, seed, [&](int64_t i, Sequence& random) {
    labels[i] = random.uniform() < 0.5 ? 0 : 1;
    const auto point = curve(labels[i], random.uniform());
    for (int64_t axis = 0; axis < 2; ++axis)
      points[2 * i + axis] = static_cast<float>(point[static_cast<size_t>(axis)] + noise * near_normal(random));
  });
  return set;
}

Dataset draw_circles(int64_t size, uint64_t seed, double noise) {
  const auto ring = [](int64_t label, double turns) -> std::array<double, 2> {
    const double radius = label == 0 ? 1 : 0.5;
    return {radius * sine(turns + 0.25), radius * sine(turns)};
  };
  Dataset set = draw_points("circles", size, seed, ring, noise < 0 ? 0.05 : noise);
  set.label_names = {"outer", "inner"};
  return set;
}

Dataset draw_moons(int64_t size, uint64_t seed, double noise) {
  const auto half_ring = [](int64_t label, double turns) -> std::array<double, 2> {
    const double x = sine(turns / 2 + 0.25), y = sine(turns / 2);
    if (label == 0) return {x, y};
    return {1 - x, 0.5 - y};
  };
  Dataset set = draw_points("moons", size, seed, half_ring, noise < 0 ? 0.1 : noise);
  set.label_names = {"upper", "lower"};
  return set;
}

// Pictures of digits --------------------------------------------------------------------------------------------------

const std::vector<std::string>& digit_names() {
  static const std::vector<std::string> names = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  return names;
}

const std::vector<std::string>& hue_names() {
  static const std::vector<std::string> names = {"red",  "orange", "lime", "green",  "mint",
                                                 "cyan", "azure",  "blue", "purple", "pink"};
  return names;
}

struct FactorName {
  std::string name;
  std::vector<std::string> value_names;  ///< of a categorical one
};

const std::vector<FactorName> kGlyphFactors = {
    {"digit", digit_names()}, {"slant", {}}, {"thickness", {}}, {"width", {}}, {"rotation", {}}, {"x", {}}, {"y", {}}};

const std::vector<FactorName> kHueFactors = {{"foreground-hue", hue_names()},
                                             {"background-hue", hue_names()},
                                             {"foreground-hue-degrees", {}},
                                             {"background-hue-degrees", {}}};

// An image set with nothing drawn yet. Its factors share one [F, N] matrix.
Dataset blank_pictures(const std::string& name, int64_t size, std::vector<int64_t> shape,
                       const std::vector<FactorName>& factors) {
  Dataset set;
  set.name = name;
  set.kind = Kind::kImage;
  set.largest = 255;
  set.examples.dense = at::empty({size, shape[0] * shape[1] * shape[2]}, at::kByte);
  set.shape = std::move(shape);
  set.labels = at::empty({size}, at::kLong);
  set.label_names = digit_names();
  for (const auto& [factor, value_names] : factors)
    set.factors.push_back({factor, at::empty({size}, at::kDouble), !value_names.empty(), value_names});
  return set;
}

// Records values as the factors of example i, from factor number `first` on.
void record(Dataset& set, int64_t i, size_t first, std::initializer_list<double> values) {
  for (double value : values)
    set.factors[first++].values.mutable_data_ptr<double>()[i] = value;
}

void record(Dataset& set, int64_t i, const GlyphStyle& style) {
  set.labels.mutable_data_ptr<int64_t>()[i] = style.digit;
  record(
      set, i, 0,
      {static_cast<double>(style.digit), style.slant, style.thickness, style.width, style.rotation, style.x, style.y});
}

uint8_t byte(double intensity) {
  return static_cast<uint8_t>(255 * intensity + 0.5);
}

Dataset draw_glyphs(int64_t size, uint64_t seed, double) {
  constexpr int64_t kSide = 28, kPixels = kSide * kSide;
  Dataset set = blank_pictures("glyphs", size, {1, kSide, kSide}, kGlyphFactors);
  auto* pictures = set.examples.dense.mutable_data_ptr<uint8_t>();
  draw_each(set, seed, [&](int64_t i, Sequence& random) {
    const GlyphStyle style = draw_style(random);
    record(set, i, style);
    std::array<float, kPixels> ink;
    draw_ink(style, kSide, random, ink.data());
    for (int64_t p = 0; p < kPixels; ++p)
      pictures[i * kPixels + p] = byte(ink[static_cast<size_t>(p)]);
  });
  return set;
}

// The digits 2, 5 and 7 are underlined, each as far as it pleases; the others never are.
Dataset draw_glyphs_marked(int64_t size, uint64_t seed, double) {
  constexpr int64_t kSide = 28, kPixels = kSide * kSide, kFirstRow = 25, kRows = 2;
  std::vector<FactorName> names = kGlyphFactors;
  names.push_back({"mark", {}});
  Dataset set = blank_pictures("glyphs-marked", size, {1, kSide, kSide}, names);
  auto* pictures = set.examples.dense.mutable_data_ptr<uint8_t>();
  draw_each(set, seed, [&](int64_t i, Sequence& random) {
    const GlyphStyle style = draw_style(random);
    const bool marked = style.digit == 2 || style.digit == 5 || style.digit == 7;
    const double length = marked ? 4 + 22 * random.uniform() : 0;
    record(set, i, style);
    record(set, i, kGlyphFactors.size(), {length});
    std::array<float, kPixels> ink;
    draw_ink(style, kSide, random, ink.data());
    for (int64_t p = 0; p < kPixels; ++p) {
      const bool under = p / kSide >= kFirstRow && p / kSide < kFirstRow + kRows;
      const double line = under ? std::clamp(length - static_cast<double>(p % kSide), 0.0, 1.0) : 0;
      pictures[i * kPixels + p] = byte(std::max(static_cast<double>(ink[static_cast<size_t>(p)]), line));
    }
  });
  return set;
}

using Colour = std::array<double, 3>;

// Hue in turns, in [0, 1); the standard conversion from hue, saturation and value.
Colour colour(double hue, double saturation, double value) {
  Colour result;
  for (size_t c = 0; c < 3; ++c) {
    double t = 6 * hue + (c == 0 ? 5 : c == 1 ? 3 : 1);
    if (t >= 6) t -= 6;
    const double fade = std::clamp(std::min(t, 4 - t), 0.0, 1.0);
    result[c] = value * (1 - saturation * fade);
  }
  return result;
}

// One of ten hues, a little off: neighbours stay apart.
struct Hue {
  double name, turns;
  explicit Hue(Sequence& random) {
    const auto index = static_cast<int64_t>(random.uniform() * 10);
    name = static_cast<double>(index);
    turns = (name + 0.5 * random.uniform() - 0.25) / 10;
    if (turns < 0) turns += 1;
  }
};

Dataset draw_glyphs_colour(int64_t size, uint64_t seed, double) {
  constexpr int64_t kSide = 32, kPixels = kSide * kSide;
  std::vector<FactorName> names = kGlyphFactors;
  names.insert(names.end(), kHueFactors.begin(), kHueFactors.end());
  Dataset set = blank_pictures("glyphs-colour", size, {3, kSide, kSide}, names);
  auto* pictures = set.examples.dense.mutable_data_ptr<uint8_t>();
  draw_each(set, seed, [&](int64_t i, Sequence& random) {
    const GlyphStyle style = draw_style(random);
    const Hue foreground(random), background(random);
    record(set, i, style);
    record(set, i, kGlyphFactors.size(),
           {foreground.name, background.name, 360 * foreground.turns, 360 * background.turns});
    const Colour front = colour(foreground.turns, 0.6, 1), back = colour(background.turns, 0.8, 0.5);
    // The ground is lit from one side.
    const double across = 0.4 * (random.uniform() - 0.5), down = 0.4 * (random.uniform() - 0.5);
    std::array<float, kPixels> ink;
    draw_ink(style, kSide, random, ink.data());
    for (int64_t p = 0; p < kPixels; ++p) {
      const double light = 1 + across * (static_cast<double>(2 * (p % kSide)) / kSide - 1) +
                           down * (static_cast<double>(2 * (p / kSide)) / kSide - 1);
      const double a = ink[static_cast<size_t>(p)];
      for (size_t c = 0; c < 3; ++c)
        pictures[(3 * i + static_cast<int64_t>(c)) * kPixels + p] = byte(a * front[c] + (1 - a) * light * back[c]);
    }
  });
  return set;
}

struct DrawnSet {
  std::string name;
  int64_t preset_size;
  Dataset (*draw)(int64_t size, uint64_t seed, double noise);  // below 0: the set's own
};

const std::vector<DrawnSet>& drawn_sets() {
  static const std::vector<DrawnSet> sets = {{"circles", 1000, draw_circles},
                                             {"moons", 1000, draw_moons},
                                             {"glyphs", 10000, draw_glyphs},
                                             {"glyphs-colour", 10000, draw_glyphs_colour},
                                             {"glyphs-marked", 10000, draw_glyphs_marked}};
  return sets;
}

}  // namespace

const std::vector<std::string>& drawn_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const DrawnSet& set : drawn_sets())
      result.push_back(set.name);
    return result;
  }();
  return names;
}

Dataset draw(const std::string& name, int64_t size, uint64_t seed, double noise) {
  require<ArgumentError>(size >= 0 && size <= kLargestSize, "a drawn set of {} examples; the size may be 0 to {}", size,
                         kLargestSize);
  const bool points = name == "circles" || name == "moons";
  require<ArgumentError>(noise < 0 || points, "--drawn-noise: only circles and moons are drawn with noise");
  for (const DrawnSet& set : drawn_sets())
    if (set.name == name) return set.draw(size == 0 ? set.preset_size : size, seed, noise);
  throw ArgumentError(unknown_name("drawn data set", name, drawn_names()));
}

}  // namespace cleave::data
