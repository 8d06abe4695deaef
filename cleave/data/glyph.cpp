#include "cleave/data/glyph.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "cleave/data/digit_shapes.h"

namespace cleave::data {

namespace {

constexpr double kSide = 28;       // pixels that lengths are given in
constexpr double kHeight = 18.5;   // of a digit, pixels
constexpr double kWidth = 12.5;    // of a digit of relative width 1, pixels
constexpr double kTremor = 0.014;  // standard deviation of one control point, relative to the box
constexpr double kSway = 0.036;    // amplitude of the waves that bend the whole digit, relative to its width
constexpr int kPieces = 5;         // straight pieces between two knots

Point operator+(Point a, Point b) {
  return {a.x + b.x, a.y + b.y};
}
Point operator-(Point a, Point b) {
  return {a.x - b.x, a.y - b.y};
}
Point operator*(double s, Point a) {
  return {s * a.x, s * a.y};
}

double between(double low, double high, Sequence& random) {
  return low + (high - low) * random.uniform();
}

int64_t one_of(int64_t count, Sequence& random) {
  return static_cast<int64_t>(random.uniform() * count);
}

// Catmull-Rom through the knots: the tangent at a knot is half the way from the knot before to the knot after, and at
// ends and corners points straight at the neighbour.
std::vector<Point> flatten(const Stroke& stroke) {
  const auto& knots = stroke.knots;
  const auto count = static_cast<int64_t>(knots.size());
  const auto knot = [&](int64_t i) { return knots[static_cast<size_t>((i + count) % count)]; };
  const auto tangent = [&](int64_t i, int64_t toward) {
    const bool end = !stroke.closed && (i == 0 || i == count - 1);
    if (end || knot(i).corner) return static_cast<double>(toward) * (knot(i + toward).at - knot(i).at);
    return 0.5 * (knot(i + 1).at - knot(i - 1).at);
  };
  std::vector<Point> line = {knot(0).at};
  for (int64_t i = 0; i < (stroke.closed ? count : count - 1); ++i) {
    const Point p = knot(i).at, q = knot(i + 1).at, a = tangent(i, 1), b = tangent(i + 1 == count ? 0 : i + 1, -1);
    for (int piece = 1; piece <= kPieces; ++piece) {
      const double t = static_cast<double>(piece) / kPieces, s = 1 - t;  // cubic Hermite
      line.push_back(s * s * (1 + 2 * t) * p + t * t * (3 - 2 * t) * q + s * s * t * a + (-t * t * s) * b);
    }
  }
  return line;
}

// The hand that writes one glyph: slow waves bend the box as a whole, and each control point trembles a little.
class Hand {
 public:
  explicit Hand(Sequence& random) : random_(random) {
    for (Wave& wave : waves_) {
      wave.direction = {kSway * near_normal(random), kSway * kWidth / kHeight * near_normal(random)};
      wave.frequency = {between(-0.8, 0.8, random), between(-0.8, 0.8, random)};
      wave.phase = random.uniform();
    }
  }

  Point operator()(Point p) {
    Point moved = p + Point{kTremor * near_normal(random_) * kHeight / kWidth, kTremor * near_normal(random_)};
    // The middle of the box stays: where the digit lies is a factor of its own.
    for (const Wave& wave : waves_) {
      const double turns = wave.frequency.x * (p.x - 0.5) + wave.frequency.y * (p.y - 0.5);
      moved = moved + (sine(turns + wave.phase) - sine(wave.phase)) * wave.direction;
    }
    return moved;
  }

 private:
  struct Wave {
    Point direction, frequency;
    double phase;
  };
  Sequence& random_;
  std::array<Wave, 3> waves_;
};

// From the box of the shape to pixels.
class Placement {
 public:
  Placement(const GlyphStyle& style, double side)
      : zoom_(side / kSide),
        cosine_(sine(style.rotation / 360 + 0.25)),
        minus_sine_(-sine(style.rotation / 360)),
        style_(style),
        middle_{side / 2 - 0.5, side / 2 - 0.5} {}

  Point operator()(Point p) const {
    const double y = (p.y - 0.5) * kHeight, x = (p.x - 0.5) * kWidth * style_.width - style_.slant * y;
    return middle_ + zoom_ * Point{cosine_ * x + minus_sine_ * y + style_.x, cosine_ * y - minus_sine_ * x + style_.y};
  }

  double zoom() const { return zoom_; }

 private:
  double zoom_, cosine_, minus_sine_;
  const GlyphStyle& style_;
  Point middle_;
};

// Lowers the squared distances of the pixels within `reach` of the segment from p to q.
void approach(Point p, Point q, double reach, int64_t side, float* squared) {
  const auto first = [&](double a, double b) {
    return std::max<int64_t>(0, static_cast<int64_t>(std::min(a, b) - reach));
  };
  const auto last = [&](double a, double b) {
    return std::min<int64_t>(side - 1, static_cast<int64_t>(std::max(a, b) + reach + 1));
  };
  const Point along = q - p;
  const double length = along.x * along.x + along.y * along.y;
  const double inverse = length > 0 ? 1 / length : 0;
  for (int64_t i = first(p.y, q.y); i <= last(p.y, q.y); ++i) {
    for (int64_t j = first(p.x, q.x); j <= last(p.x, q.x); ++j) {
      const Point from = Point{static_cast<double>(j), static_cast<double>(i)} - p;
      const double t = std::clamp((from.x * along.x + from.y * along.y) * inverse, 0.0, 1.0);
      const Point off = from - t * along;
      float& nearest = squared[i * side + j];
      nearest = std::min(nearest, static_cast<float>(off.x * off.x + off.y * off.y));
    }
  }
}

}  // namespace

double sine(double turns) {
  double t = turns - static_cast<double>(static_cast<int64_t>(turns));  // (-1, 1)
  if (t > 0.5) t -= 1;
  if (t < -0.5) t += 1;
  if (t > 0.25) t = 0.5 - t;
  if (t < -0.25) t = -0.5 - t;
  const double x = 6.283185307179586 * t, s = x * x;  // Taylor's series up to x^15
  double sum = 1;
  for (int n = 14; n >= 2; n -= 2)
    sum = 1 - s / (n * (n + 1)) * sum;
  return x * sum;
}

double near_normal(Sequence& random) {
  double sum = -2;
  for (int i = 0; i < 4; ++i)
    sum += random.uniform();
  return sum * 1.7320508075688772;  // the variance of a uniform is 1/12
}

GlyphStyle draw_style(Sequence& random) {
  GlyphStyle style;
  style.digit = static_cast<int>(one_of(10, random));
  style.slant = 0.12 + 0.17 * near_normal(random);
  style.thickness = between(1.6, 4.0, random);
  style.width = between(0.72, 1.22, random);
  style.rotation = 5 * near_normal(random);
  style.x = between(-1.25, 1.25, random);
  style.y = between(-1.25, 1.25, random);
  return style;
}

void draw_ink(const GlyphStyle& style, int64_t side, Sequence& random, float* ink) {
  const auto& ways = digit_shapes(style.digit);
  Shape shape = ways[static_cast<size_t>(one_of(static_cast<int64_t>(ways.size()), random))];
  Hand hand(random);
  const Placement place(style, static_cast<double>(side));
  const double radius = place.zoom() * style.thickness / 2, soft = place.zoom() * 0.55;
  const double reach = radius + soft;
  std::fill(ink, ink + side * side, static_cast<float>(reach * reach));
  for (Stroke& stroke : shape) {
    for (Knot& knot : stroke.knots) {
      knot.at = place(hand(knot.at));
    }
    const std::vector<Point> line = flatten(stroke);
    for (size_t i = 1; i < line.size(); ++i)
      approach(line[i - 1], line[i], reach, side, ink);
  }
  // From squared distance to coverage: full inside the stroke, falling to nothing over its soft edge.
  for (int64_t i = 0; i < side * side; ++i)
    ink[i] = static_cast<float>(std::clamp((reach - std::sqrt(static_cast<double>(ink[i]))) / (2 * soft), 0.0, 1.0));
}

}  // namespace cleave::data
