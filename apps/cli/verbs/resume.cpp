// `cleave resume RUN`.
#include "apps/cli/engine/interrupts.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/run_host.h"
#include "apps/cli/engine/verbs.h"

namespace cleave::cli::verbs {

void resume(const Invocation& invocation, const Console& console) {
  std::filesystem::path path = invocation.argument("run");
  experiment::RunFolder run = experiment::RunFolder::open(path);
  take_threads(run, invocation, console);
  catch_interrupts(console.quiet());
  RunHost host(console);
  conclude(path, experiment::resume(run, experiment::open_own_data(run), host), console);
}

}  // namespace cleave::cli::verbs
