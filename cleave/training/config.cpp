#include "cleave/training/config.h"

#include <ATen/cpu/Utils.h>

namespace cleave::training {

TrainConfig TrainConfig::resolved() const {
  TrainConfig config = *this;
  if (precision != "auto") return config;
  const auto capabilities = at::cpu::get_cpu_capabilities();
  const auto has = [&](const char* name) {
    const auto found = capabilities.find(name);
    return found != capabilities.end() && found->second.isBool() && found->second.toBool();
  };
  config.precision = has("amx_bf16") || has("avx512_bf16") ? "bfloat16" : "float32";
  return config;
}

}  // namespace cleave::training
