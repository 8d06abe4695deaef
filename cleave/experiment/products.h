// What a finished run leaves for others to read: the model, the assignments, the codes.
#pragma once

#include <filesystem>

#include "cleave/experiment/fitted_model.h"
#include "cleave/experiment/run_folder.h"

namespace cleave::experiment {

/// Writes "index,cluster,confidence" and, for each further facet, "cluster_<layer>,confidence_<layer>"; one line per
/// example. Noise is cluster -1. Throws RunError; ArgumentError when the method does not cluster.
void write_assignments(const std::filesystem::path& path, const FittedModel& fitted, const data::View& view);

/// Writes q(y | x) of one facet as npy, [N, K] float32. Throws as write_assignments.
void write_responsibilities(const std::filesystem::path& path, const FittedModel& fitted, const data::View& view,
                            size_t facet);

/// Writes the codes as npy, [N, D] float32. Throws RunError; ArgumentError when the method has no codes.
void write_embedding(const std::filesystem::path& path, const FittedModel& fitted, const data::View& view);

/// Writes all that the method can give into the run folder. The model file comes last: it is what makes a run finished.
void write_products(const RunFolder& run, const FittedModel& fitted, const data::View& view);

}  // namespace cleave::experiment
