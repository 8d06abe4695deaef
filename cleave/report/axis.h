// Axes: where the ticks stand, what they say, and where a value lands on the page.
#pragma once

#include <string>
#include <vector>

namespace cleave::report {

/// Whether low < high by more than rounding: values nearer than that are drawn as one.
bool apart(double low, double high);

/// Round values (1, 2 or 5 times a power of ten apart) within [low, high], about `about` of them, at least one.
/// With `whole` only whole numbers. Limits that are not apart() or not finite give the one value `low`.
std::vector<double> ticks(double low, double high, int about = 5, bool whole = false);

/// What the ticks say: one number of decimals for all, thin spaces between thousands, powers of ten where longer.
std::vector<std::string> tick_labels(const std::vector<double>& values);

/// A whole number for a person, with thin spaces between thousands: 70 000.
std::string grouped(double value);

/// A number with as many digits as a table needs: four significant ones.
std::string brief_number(double value);

/// A share of one as a percentage: "12 %", "0.4 %".
std::string percent(double share);

/// A straight map from values to pixels.
struct Scale {
  double low = 0, high = 1;    ///< values
  double first = 0, last = 1;  ///< pixels
  double operator()(double value) const;
};

}  // namespace cleave::report
