// What a study of settings gave: measures against the values that were tried.
#pragma once

#include "cleave/report/run_report.h"

namespace cleave::report {

/// From a study's outcome, {"title", "points": [{"settings": {NAME: value, ...}, "measures": {NAME: {"mean", "sd",
/// ...}}, "runs"}]}: a page with, for each set of settings that were varied together, one chart per measure (lines of
/// means over the values of the first setting, one line for each combination of the others) and the table of all
/// points. Throws ArgumentError for an outcome without points.
Report study_report(const Settings& outcome);

}  // namespace cleave::report
