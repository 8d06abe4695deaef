// What a data set is, for people and for programs.
#pragma once

#include <string>

#include "apps/cli/console.h"
#include "cleave/data/convert.h"

namespace cleave::cli {

void show(const data::Inspection& inspection, const Console& console);

}  // namespace cleave::cli
