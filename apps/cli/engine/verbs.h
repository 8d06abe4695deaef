// One function per verb that needs the library. It throws what goes wrong; the engine turns that into messages and
// codes.
#pragma once

#include "apps/cli/console.h"
#include "apps/cli/invocation.h"

namespace cleave::cli::verbs {

using Verb = void (*)(const Invocation&, const Console&);

void doctor(const Invocation& invocation, const Console& console);
void inspect(const Invocation& invocation, const Console& console);

}  // namespace cleave::cli::verbs
