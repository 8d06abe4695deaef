// What the numbers mean, in one line each.
#pragma once

#include <string>

namespace cleave::report {

/// The convention behind a key of evaluation.json, as a sentence; empty for a key that explains itself.
std::string convention(const std::string& key);

/// A key of evaluation.json as people write it: "accuracy (Hungarian)". Unknown keys stay as they are.
std::string metric_name(const std::string& key);

}  // namespace cleave::report
