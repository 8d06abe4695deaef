#include "cleave/report/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace cleave::report {
namespace {

constexpr std::array<const char*, 10> kPetroff = {"#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6",
                                                  "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd"};

int byte_of_linear(double linear) {
  double clipped = std::clamp(linear, 0.0, 1.0);
  double encoded = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * std::pow(clipped, 1 / 2.4) - 0.055;
  return static_cast<int>(std::lround(255 * encoded));
}

/// Oklab (Ottosson 2020) by lightness, chroma and hue in radians, to sRGB.
std::string from_oklch(double lightness, double chroma, double hue) {
  double a = chroma * std::cos(hue), b = chroma * std::sin(hue);
  double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
  double m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
  double s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
  return fmt::format("#{:02x}{:02x}{:02x}", byte_of_linear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
                     byte_of_linear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
                     byte_of_linear(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
}

}  // namespace

std::vector<std::string> categorical_colours(int64_t count) {
  if (count <= static_cast<int64_t>(kPetroff.size()))
    return {kPetroff.begin(), kPetroff.begin() + std::max<int64_t>(count, 0)};
  constexpr double kGoldenAngle = std::numbers::pi * (3 - 2.2360679774997896964);
  constexpr std::array<double, 3> kLightness = {0.62, 0.76, 0.48};
  std::vector<std::string> colours;
  for (int64_t i = 0; i < count; ++i) {
    double turn = kGoldenAngle * static_cast<double>(i);
    colours.push_back(from_oklch(kLightness[static_cast<size_t>(i) % kLightness.size()], 0.14, 4.3 + turn));
  }
  return colours;
}

}  // namespace cleave::report
