// What decoders draw, into files.
#pragma once

#include <filesystem>
#include <string>

#include "apps/cli/console.h"
#include "apps/cli/invocation.h"
#include "cleave/experiment/finished_run.h"

namespace cleave::cli {

/// Throws ArgumentError unless the method draws examples.
void require_samples(const experiment::FinishedRun& run);

/// Throws ArgumentError unless the method decodes latents that can be moved by themselves.
void require_latents(const experiment::FinishedRun& run);

/// Where write_pictures() is to write: --out, by default figures/NAME in the run folder. Throws ArgumentError for a
/// file that cannot be, or must not be written.
std::filesystem::path picture_file(const Invocation& invocation, const experiment::FinishedRun& run,
                                   const std::string& name);

/// Writes decoded examples [rows, columns, X]: as one picture (.png) where the data are images, as numbers on the
/// stored scale (.npy), or as a data set whose labels are the rows (.npz). Tells where, and `facts` beside it with
/// --json.
void write_pictures(const std::filesystem::path& file, const Console& console, const experiment::FinishedRun& run,
                    const Tensor& decoded, Settings facts);

/// The transformed example [1, X] at a row of the run's data. Throws ArgumentError when there is no such row.
Tensor example(const experiment::FinishedRun& run, const std::string& flag, int64_t row);

/// Rows that a text names, [R] int64: "3,18,7", or "eyes=sunglasses" for all whose label or ground-truth factor has
/// that value. Throws ArgumentError that says which there are when nothing fits.
Tensor rows_named(const data::Dataset& dataset, const std::string& flag, const std::string& text);

}  // namespace cleave::cli
