// Verbs that need nothing but the catalogue, so they are answered without the engine.
#pragma once

#include "apps/cli/console.h"
#include "apps/cli/invocation.h"

namespace cleave::cli {

/// `cleave models [METHOD]`.
void show_models(const Invocation& invocation, const Console& console);

/// `cleave completion SHELL`.
void show_completion(const Invocation& invocation, const Console& console);

}  // namespace cleave::cli
