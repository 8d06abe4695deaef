// The list of methods. Everything that shows or checks methods reads it.
#pragma once

#include <string>
#include <vector>

#include "cleave/model/method.h"

namespace cleave::models {

/// Every method, alphabetical.
const std::vector<model::Method>& all_methods();

/// Throws ArgumentError, with a suggestion, for an unknown name.
const model::Method& find_method(const std::string& name);

}  // namespace cleave::models
