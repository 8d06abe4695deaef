// What speaks for which number of clusters, for people.
#pragma once

#include <string>

#include "cleave/experiment/choosing_k.h"

namespace cleave::cli {

/// One row per number tried, one column per criterion; the last rows name the favourites. A star marks them.
std::string choice_table(const experiment::ChoiceOfK& choice);

}  // namespace cleave::cli
