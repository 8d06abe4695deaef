// Mixed precision: weights and losses in float32, matrix products in bfloat16.
#pragma once

#include <string>

#include <ATen/autocast_mode.h>

namespace cleave::training {

/// While it lives, matrix products and convolutions on the CPU run in bfloat16, if `precision` says so.
class PrecisionScope {
 public:
  explicit PrecisionScope(const std::string& precision) : active_(precision == "bfloat16") {
    if (!active_) return;
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    at::autocast::increment_nesting();
  }
  ~PrecisionScope() {
    if (!active_) return;
    // The casts of the weights are cached until the outermost scope ends; the weights change after that.
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCPU, false);
  }
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  bool active_;
};

}  // namespace cleave::training
