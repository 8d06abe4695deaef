// The engine: everything that needs libtorch, in a library of its own that is loaded when there is work.
#pragma once

#include "apps/cli/invocation.h"

namespace cleave::cli {

/// Loads libcleave_engine.so (beside the executable, or in the library folder next to it) and has it carry out the
/// invocation. Returns the exit code. Throws RunError when the library cannot be loaded.
int run_in_engine(const Invocation& invocation);

}  // namespace cleave::cli
