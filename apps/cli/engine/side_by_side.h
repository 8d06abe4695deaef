// One invocation as several processes, each with a share of its work.
#pragma once

#include <cstdint>
#include <functional>

#include "apps/cli/invocation.h"

namespace cleave::cli {

/// Carries out the invocation in `jobs` processes, silent but for warnings and errors, each with its part of the
/// threads, which is an option only where --threads was given, and with the options "share" (0 to jobs - 1) and "jobs",
/// and waits for them. Calls `look` some times a second. The first Ctrl-C, for which the caller has asked
/// (interrupts.h), is passed on once, so that each saves what it has. To be called before anything was computed on
/// several threads. Throws Interrupted, and RunError when one failed.
void side_by_side(const Invocation& invocation, int64_t jobs, const std::function<void()>& look);

}  // namespace cleave::cli
