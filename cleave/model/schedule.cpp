#include "cleave/model/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace cleave::model {

namespace {

double cosine_between(double first, double last, double progress) {
  return last + (first - last) * (1 + std::cos(std::numbers::pi * progress)) / 2;
}

}  // namespace

int64_t epochs_worth(int64_t batches, int64_t examples, int64_t least, int64_t most) {
  return std::clamp<int64_t>((batches * 256 + examples / 2) / examples, least, most);
}

Schedule constant(double value) {
  return [=](const Step&) { return value; };
}

Schedule step_decay(double value, double factor, int64_t every, double floor) {
  return [=](const Step& step) {
    return std::max(floor, value * std::pow(factor, static_cast<double>(step.epoch / every)));
  };
}

Schedule linear(double first, double last) {
  return [=](const Step& step) { return first + (last - first) * step.progress(); };
}

Schedule exponential(double first, double last) {
  return [=](const Step& step) { return first * std::pow(last / first, step.progress()); };
}

Schedule cosine(double first, double last) {
  return [=](const Step& step) { return cosine_between(first, last, step.progress()); };
}

Schedule one_cycle(double peak, double rise) {
  return [=](const Step& step) {
    double progress = step.progress();
    if (progress < rise) return cosine_between(peak / 25, peak, progress / rise);
    return cosine_between(peak, peak * 1e-5, (progress - rise) / (1 - rise));
  };
}

Schedule saturating(double steps) {
  return [=](const Step& step) {
    auto t = static_cast<double>(step.epoch * step.batches + step.batch + 1);
    return steps == 0 ? 1 : 1 - std::exp(-t / steps);
  };
}

Schedule warm_up(Schedule schedule, double epochs) {
  return [schedule = std::move(schedule), epochs](const Step& step) {
    double done = static_cast<double>(step.epoch) + static_cast<double>(step.batch) / static_cast<double>(step.batches);
    return schedule(step) * (epochs > 0 ? std::min(1.0, done / epochs) : 1.0);
  };
}

}  // namespace cleave::model
