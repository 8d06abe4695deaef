// The page that a run ends with: what was done, what was found, and how to do it again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cleave/analysis/answers.h"
#include "cleave/base/fields.h"
#include "cleave/data/view.h"
#include "cleave/model/method.h"

namespace cleave::report {

/// A picture as a file of its own.
struct Figure {
  std::string name;  ///< with its ending: "gallery.png", "map_by_cluster.svg"
  std::string bytes;
};

/// A map of all examples in the plane, and what drew it.
struct MapOfExamples {
  Tensor points;       ///< [N, 2]
  std::string method;  ///< "UMAP"
  Settings settings;   ///< of that method, resolved
};

struct ReportInput {
  model::Model& model;
  const model::Method& method;
  const data::Dataset& dataset;
  const data::View& view;
  Settings config;      ///< every resolved setting; nested objects are shown with dotted names
  Settings provenance;  ///< version, commit, libtorch, machine, threads, precision, seed, command, data checksum
  std::vector<Settings> events;                     ///< lines of events.jsonl
  Settings evaluation;                              ///< what `evaluate --json` prints; empty or null without evaluation
  Settings choosing_k = {};                         ///< content of choosing_k.json; null without
  uint64_t seed = 0;                                ///< for the samples that are drawn
  std::optional<MapOfExamples> map = std::nullopt;  ///< otherwise the code (or the data without) where it has two
                                                    ///< dimensions, or else its principal plane
};

struct Report {
  std::string html;             ///< one self-contained page: nothing loaded from elsewhere
  std::vector<Figure> figures;  ///< the page's pictures, each named once
};

/// The report of a finished run. Sections appear where they apply: by what the method can do, what the data are and
/// which events and metrics there are. Events that are malformed are passed over. Deterministic given the seed.
Report run_report(const ReportInput& input);

/// Writes report.html and figures/ into a folder that exists. Throws RunError naming the file that cannot be written.
void write_report(const Report& report, const std::filesystem::path& folder);

}  // namespace cleave::report
