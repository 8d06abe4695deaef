// A figure that this project states, and how to obtain it again: a folder of reproduction/ with a claim.toml.
//
//   title = "k-means on the pixels of MNIST-70k"
//   seeds = 10                                     # 0, 1, ..., 9
//   measures = ["/facets/0/accuracy_hungarian"]    # places in evaluation.json; the first is the one that is claimed
//   evaluated = "test"                             # optional: the split that is measured, instead of the data of the
//   fit [method] [data] [training]                     # as in config.toml; what is not there takes its default
//   [expect]                                       # optional: each = [low, high], mean = [low, high]
//   [published]                                    # optional: value, convention, source
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cleave/experiment/run_config.h"
#include "cleave/experiment/run_folder.h"

namespace cleave::experiment {

struct Claim {
  std::string name;  ///< of the folder
  std::string title;
  int64_t seeds = 0;
  std::vector<std::string> measures;
  std::string evaluated;  ///< split that is measured; empty: the data of the fit
  RunConfig config;       ///< with seed 0
  Settings expect = Settings::object();
  Settings published = Settings::object();
};

/// Throws ArgumentError naming the file when there is no claim in `folder`, or a setting of it cannot be.
Claim read_claim(const std::filesystem::path& folder);

/// The settings of one run. Where labels are drawn, the seed draws them too.
RunConfig with_seed(const Claim& claim, int64_t seed);

/// Measures a finished run on the split that the claim is about, unless that has been done.
void evaluate_for(const Claim& claim, const RunFolder& run);

/// Throws ArgumentError naming the setting when `run` was asked something else than `config`.
void require_same_request(const RunConfig& config, const RunFolder& run);

/// What the finished and evaluated runs of a claim gave, one per seed:
/// {"claim", "title", "measures": {"accuracy_hungarian": {"mean", "sd", "min", "max"}, ...}, "expect", "held",
/// "published",
///  "runs": [{"seed", "seconds", "accuracy_hungarian", ...}], "provenance": {"commits", "machine", ...}}.
/// sd has n - 1 in its denominator; "held" is absent where nothing is expected. Throws ArgumentError for a run without
/// evaluation or without one of the measures.
Settings outcome(const Claim& claim, const std::vector<std::filesystem::path>& runs);

}  // namespace cleave::experiment
