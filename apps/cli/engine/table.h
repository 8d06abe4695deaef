// Numbers in columns, for people.
#pragma once

#include <string>
#include <vector>

namespace cleave::cli {

/// Rows of cells under a header, columns aligned: the first to the left, the others to the right.
std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);

}  // namespace cleave::cli
