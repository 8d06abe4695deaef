// A map of a run's examples in the plane, drawn from what it says of them by another method.
#pragma once

#include <optional>
#include <string>

#include "cleave/experiment/finished_run.h"
#include "cleave/experiment/run_recorder.h"
#include "cleave/report/run_report.h"

namespace cleave::experiment {

/// Fits `method` to points [N, R] with latent_dim = 2 and takes its code. `given` are further settings of the method.
/// Throws ArgumentError for a method that does not embed or is trained by gradients, Interrupted.
report::MapOfExamples draw_map(const Tensor& points, const std::string& method, Settings given, uint64_t seed,
                               Host& host);

/// What a run is mapped by: the hidden features of all its examples, or the codes of a method without, or the
/// transformed features where there is no code but one that follows the clusters, [N, R]; principal components of wide
/// features.
Tensor mapped_points(const FinishedRun& run);

/// Keeps a map in the run folder as map.npy and map.json, where the report finds it. Throws RunError; a map of which
/// only one file could be written counts for none.
void save_map(const RunFolder& run, const report::MapOfExamples& map);

/// The map that a run folder keeps, if it does and its files belong together. Throws CorruptFileError, DataError for
/// damaged files.
std::optional<report::MapOfExamples> saved_map(const RunFolder& run);

/// Draws and keeps the map that a report begins with, by UMAP, where nothing better is there: no map yet, more than two
/// dimensions to map by, and 50 to 100 000 examples, which takes a minute at most. Throws Interrupted.
void ensure_map(const FinishedRun& run, Host& host);

}  // namespace cleave::experiment
