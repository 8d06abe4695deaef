// One function per verb that needs the library. It throws what goes wrong; the engine turns that into messages and
// codes.
#pragma once

#include "apps/cli/console.h"
#include "apps/cli/invocation.h"

namespace cleave::cli::verbs {

using Verb = void (*)(const Invocation&, const Console&);

void assign(const Invocation& invocation, const Console& console);
void cluster(const Invocation& invocation, const Console& console);
void compare(const Invocation& invocation, const Console& console);
void data_convert(const Invocation& invocation, const Console& console);
void data_fetch(const Invocation& invocation, const Console& console);
void data_inspect(const Invocation& invocation, const Console& console);
void data_list(const Invocation& invocation, const Console& console);
void doctor(const Invocation& invocation, const Console& console);
void edit(const Invocation& invocation, const Console& console);
void embed(const Invocation& invocation, const Console& console);
void evaluate(const Invocation& invocation, const Console& console);
void inspect(const Invocation& invocation, const Console& console);
void interpolate(const Invocation& invocation, const Console& console);
void map(const Invocation& invocation, const Console& console);
void report(const Invocation& invocation, const Console& console);
void reproduce(const Invocation& invocation, const Console& console);
void resume(const Invocation& invocation, const Console& console);
void sample(const Invocation& invocation, const Console& console);
void train(const Invocation& invocation, const Console& console);
void traverse(const Invocation& invocation, const Console& console);

}  // namespace cleave::cli::verbs
