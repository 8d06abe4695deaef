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

/// `path` from the root of the file system on; "" stays "".
std::string absolute(const std::string& path);

/// A finished run, named by the positional `argument`, with the data that the invocation names, by default its own;
/// flags about data without DATA change the run's own settings of them.
experiment::FinishedRun open_run(const Invocation& invocation, const std::string& argument = "run");

/// What provenance.json says of the circumstances: command, start, machine.
Settings circumstances(const Invocation& invocation);

/// --out, or runs/METHOD-DATA-SEED.
std::filesystem::path run_folder(const Invocation& invocation, const experiment::RunConfig& config);

/// Goes on with as many threads as the run was started with, since the order of sums depends on their number. Where
/// --threads asks for another, warns that the last digits will differ.
void take_threads(const experiment::RunFolder& run, const Invocation& invocation, const Console& console);

/// Throws ArgumentError when writing `file` would replace the data that the invocation reads, or a file that a run
/// keeps (run_folder.h) and that is not `own`, the one that the verb is there to write.
void spare_what_is_kept(const Invocation& invocation, const std::filesystem::path& file,
                        const std::filesystem::path& own = {});

/// The file that --out names, or `otherwise` in the run folder. Its extension must be one of `extensions`, and it is no
/// file that spare_what_is_kept() spares.
std::filesystem::path output_file(const Invocation& invocation, const std::filesystem::path& otherwise,
                                  const std::vector<std::string>& extensions);

/// Measures a run whose training is over and writes evaluation.json. For a stopped run throws Interrupted, which says
/// how to go on.
experiment::FinishedRun complete(const std::filesystem::path& run, const experiment::Progress& progress,
                                 const Console& console);

/// Writes map and report. Where it is stopped, throws Interrupted, which says how to have them written.
void report_on(const experiment::FinishedRun& run, const Console& console);

/// Ends train, resume and cluster: complete(), report_on(), and what people and programs see of it.
void conclude(const std::filesystem::path& run, const experiment::Progress& progress, const Console& console);

}  // namespace cleave::cli
