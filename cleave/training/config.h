// How a run is carried out, whatever the method.
#pragma once

#include <cstdint>
#include <string>

#include "cleave/base/fields.h"

namespace cleave::training {

struct TrainConfig {
  int64_t batch_size = 256;
  std::string precision = "auto";
  double gradient_norm = 0;
  double checkpoint_seconds = 60;
  int64_t keep_checkpoints = 2;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("batch_size", c.batch_size, "Examples per step.", at_least(1));
    field("precision", c.precision, "Arithmetic of the networks' matrix products; auto asks the processor.",
          one_of({"auto", "float32", "bfloat16"}));
    field("gradient_norm", c.gradient_norm, "Largest norm of the gradient of one step; 0 does not clip.", at_least(0));
    field("checkpoint_seconds", c.checkpoint_seconds, "Seconds between checkpoints.", at_least(0));
    field("keep_checkpoints", c.keep_checkpoints, "How many checkpoints stay on disk.", at_least(1));
  }

  /// Steps of one pass over so many examples; the last may be smaller.
  int64_t batches(int64_t examples) const { return examples / batch_size + (examples % batch_size != 0); }

  /// The same with "auto" decided: bfloat16 where the processor multiplies it natively (AMX, AVX-512), else float32.
  TrainConfig resolved() const;
};

}  // namespace cleave::training
