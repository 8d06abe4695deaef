// From an invocation to what the experiment layer understands.
#pragma once

#include <filesystem>

#include "apps/cli/console.h"
#include "apps/cli/invocation.h"
#include "cleave/experiment/finished_run.h"
#include "cleave/experiment/fit.h"
#include "cleave/experiment/run_config.h"

namespace cleave::cli {

/// The data that the options and the positional `argument` ask for. Paths become absolute, so that a run finds its data
/// from any folder.
experiment::DataConfig data_config(const Invocation& invocation, const std::string& argument = "data");

/// A finished run with the data that the invocation names, by default its own.
experiment::FinishedRun open_run(const Invocation& invocation);

/// What provenance.json says of the circumstances: command, start, machine.
Settings circumstances(const Invocation& invocation);

/// --out, or runs/METHOD-DATA-SEED.
std::filesystem::path run_folder(const Invocation& invocation, const experiment::RunConfig& config);

/// The file that --out names, or `otherwise` in the run folder. Its extension must be one of `extensions`.
std::filesystem::path output_file(const Invocation& invocation, const std::filesystem::path& otherwise,
                                  const std::vector<std::string>& extensions);

/// Ends train, resume and cluster: for a finished run measures it where there are labels and writes the report; for a
/// stopped one says how to go on and throws Interrupted.
void conclude(const std::filesystem::path& run, const experiment::Progress& progress, const Console& console);

}  // namespace cleave::cli
