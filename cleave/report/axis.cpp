#include "cleave/report/axis.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace cleave::report {
namespace {

constexpr const char* kThinSpace = "\u202f";

/// The smallest of 1, 2, 5 times a power of ten that is no smaller than `raw`.
double round_step(double raw) {
  double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string grouped_digits(std::string digits) {
  size_t end = std::min(digits.find('.'), digits.size());
  size_t begin = digits.starts_with('-') ? 1 : 0;
  if (end - begin <= 4) return digits;  // 1234 needs no help
  for (size_t at = end; at > begin + 3;)
    digits.insert(at -= 3, kThinSpace);
  return digits;
}

}  // namespace

bool apart(double low, double high) {
  return high - low > 1e-9 * std::max(std::abs(low), std::abs(high));
}

std::vector<double> ticks(double low, double high, int about, bool whole) {
  if (!apart(low, high) || !std::isfinite(high - low)) return {low};
  double step = round_step((high - low) / std::max(about, 1));
  if (whole) step = std::max(step, 1.0);
  std::vector<double> values;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i)
    values.push_back(i * step + 0.0);
  if (values.empty()) values.push_back(low);
  return values;
}

std::vector<std::string> tick_labels(const std::vector<double>& values) {
  double largest = 0, step = 0;
  for (double value : values)
    largest = std::max(largest, std::abs(value));
  if (values.size() > 1) step = std::abs(values[1] - values[0]);
  bool scientific = largest >= 1e7 || (largest > 0 && largest < 1e-4);
  int decimals = step > 0 ? std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 12) : 2;
  std::vector<std::string> labels;
  for (double value : values) {
    labels.push_back(scientific ? fmt::format("{:.3g}", value)
                                : grouped_digits(fmt::format("{:.{}f}", value, decimals)));
  }
  return labels;
}

std::string grouped(double value) {
  return grouped_digits(fmt::format("{:.0f}", value));
}

std::string brief_number(double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  if (value == std::round(value) && std::abs(value) < 1e12) return grouped(value);
  return fmt::format("{:.4g}", value);
}

std::string percent(double share) {
  double hundredths = 100 * share;
  bool precise = hundredths > 0 && hundredths < 9.95;
  return fmt::format("{:.{}f}\u202f%", hundredths, precise || (hundredths > 90 && hundredths < 99.95) ? 1 : 0);
}

double Scale::operator()(double value) const {
  double span = high - low;
  return first + (span == 0 ? 0.5 : (value - low) / span) * (last - first);
}

}  // namespace cleave::report
