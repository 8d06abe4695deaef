// A figure that this project states, and how to obtain it again: a folder of reproduction/ with a claim.toml.
//
//   title = "k-means on the pixels of MNIST-70k"
//   seeds = 10                                     # 0, 1, ..., 9
//   measures = ["/facets/0/accuracy_hungarian"]    # places in evaluation.json, each "NAME = PLACE" or named by its
//                                                  # last part; the first is the one that is claimed
//   evaluated = "test"                             # optional: the split that is measured, instead of the fit's data
//   generator = "mnist-n-vae"                      # optional: the claim whose run of the same seed draws the
//                                                  # artificial examples of this one
//   pretraining = "mnist-ae-kmeans"                # optional: the claim whose run of the same seed has the same first
//                                                  # stage, taken over from there instead of done again
//   [method] [data] [training]                     # as in config.toml; what is not there takes its default
//   [[vary]]                                       # optional, any number: a study of settings of the method, each a
//   gaussian_weight = [1, 3, 5]                    # list of values; several settings in one table are crossed
//   [expect]                                       # optional: each, mean, sd = [low, high] of the first measure;
//   [expect.NAME]                                  # the same of another measure
//   [published]                                    # optional: value, convention, source
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cleave/experiment/run_config.h"
#include "cleave/experiment/run_folder.h"

namespace cleave::experiment {

struct Measure {
  std::string name;   ///< what its figures are listed under
  std::string place;  ///< JSON pointer into evaluation.json
};

struct Claim {
  std::string name;  ///< of the folder
  std::string title;
  int64_t seeds = 0;
  std::vector<Measure> measures;
  std::string evaluated;                                  ///< split that is measured; empty: the data of the fit
  std::string generator;                                  ///< claim that draws the artificial examples; empty: none
  std::string pretraining;                                ///< claim that the first stage is taken over from, likewise
  RunConfig config;                                       ///< with seed 0
  Settings asked = Settings::object();                    ///< what the figures answer to: the claim's tables and keys
                                                          ///< that say what is run and measured, as they are written
  std::vector<Settings> variants = {Settings::object()};  ///< settings of the method, over those of config; a claim
                                                          ///< that varies nothing has one variant that sets nothing
  Settings expect = Settings::object();                   ///< per name of a measure
  Settings published = Settings::object();
};

/// Throws ArgumentError naming the file when there is no claim in `folder`, or a setting of it cannot be.
Claim read_claim(const std::filesystem::path& folder);

/// The settings of one run. Where labels are drawn, the seed draws them too.
RunConfig with_seed(const Claim& claim, int64_t seed);

/// The folder of a variant's runs within the claim's: "gaussian_weight=3,category_weight=1"; "" for the one variant of
/// a claim that varies nothing.
std::string variant_folder(const Settings& variant);

/// Measures a finished run on the split that the claim is about, unless that has been done.
void evaluate_for(const Claim& claim, const RunFolder& run);

/// Throws ArgumentError naming the setting when `run` was asked something else than `config`.
void require_same_request(const RunConfig& config, const RunFolder& run);

/// What a finished and evaluated run gave, for the time when its folder is gone:
/// {"asked", "figures": {"seed", "seconds", "accuracy_hungarian", ...}, "provenance": {"commits", "machine", ...}}.
/// Throws ArgumentError for a run without evaluation or without one of the measures.
Settings run_outcome(const Claim& claim, const RunFolder& run);

/// Whether a run_outcome that was kept is of what the claim asks now.
bool is_of(const Claim& claim, const Settings& run);

/// What the runs of a claim gave together, from the run_outcome of each seed:
/// {"claim", "title", "asked", "measures": {"accuracy_hungarian": {"mean", "sd", "min", "max"}, ...}, "expect": {NAME:
/// {"mean": [low, high], ...}}, "held", "published", "runs": their figures, "provenance": theirs}, of threads and
/// machine a list where the runs had different ones. sd has n - 1 in its denominator; "held" is absent where nothing is
/// expected.
Settings outcome(const Claim& claim, const std::vector<Settings>& runs);

/// The outcomes of a study's variants, in the order of claim.variants:
/// {"claim", "title", "asked", "points": [{"settings", "measures", "runs"}, ...], "provenance"}.
Settings study_outcome(const Claim& claim, const std::vector<Settings>& outcomes);

}  // namespace cleave::experiment
