// `cleave resume RUN`.
#include <ATen/Parallel.h>

#include "apps/cli/engine/interrupts.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/run_host.h"
#include "apps/cli/engine/verbs.h"

namespace cleave::cli::verbs {

namespace {

/// The order of sums depends on the number of threads, so an exact continuation needs the same number.
void take_threads(const Settings& provenance, bool chosen, const Console& console) {
  int before = provenance.value("threads", at::get_num_threads());
  if (!chosen)
    at::set_num_threads(before);
  else if (at::get_num_threads() != before) {
    console.warn(
        fmt::format("the run was started with {} threads: with another number the last digits will differ", before));
  }
}

}  // namespace

void resume(const Invocation& invocation, const Console& console) {
  std::filesystem::path path = invocation.argument("run");
  experiment::RunFolder run = experiment::RunFolder::open(path);
  take_threads(run.provenance(), invocation.option<int64_t>("threads") > 0, console);
  catch_interrupts(console.quiet());
  RunHost host(console);
  conclude(path, experiment::resume(run, run.config().data.open(), host), console);
}

}  // namespace cleave::cli::verbs
