// An evaluation as people read it.
#pragma once

#include <string>

#include "cleave/base/fields.h"

namespace cleave::cli {

/// Tables of everything in an evaluation (see experiment/evaluate.h); empty when nothing applies.
std::string evaluation_table(const Settings& evaluation);

}  // namespace cleave::cli
