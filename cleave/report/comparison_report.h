// Several runs side by side: their measures, and the figures that all of them have.
#pragma once

#include <string>
#include <vector>

#include "cleave/base/fields.h"
#include "cleave/report/run_report.h"

namespace cleave::report {

struct ComparedRun {
  std::string name;             ///< what its column is headed with
  Settings row;                 ///< its evaluation and "settings" in which the runs differ (experiment/compare.h)
  std::vector<Figure> figures;  ///< of its report
};

/// A page with a table of settings and measures, one column per run, and every figure that all runs have, beside each
/// other; those that are drawn from the models come first. Throws ArgumentError without runs.
std::string comparison_page(const std::vector<ComparedRun>& runs);

}  // namespace cleave::report
