#include "cleave/training/config.h"

#include <ATen/cpu/Utils.h>

namespace cleave::training {

TrainConfig TrainConfig::resolved() const {
  TrainConfig config = *this;
  if (precision != "auto") return config;
  auto capabilities = at::cpu::get_cpu_capabilities();
  auto amx = capabilities.find("amx_bf16");
  bool fast = amx != capabilities.end() && amx->second.isBool() && amx->second.toBool();
  config.precision = fast ? "bfloat16" : "float32";
  return config;
}

}  // namespace cleave::training
