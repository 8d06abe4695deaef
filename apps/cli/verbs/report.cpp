// `cleave report RUN`.
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/run_host.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/experiment/reporting.h"

namespace cleave::cli::verbs {

void report(const Invocation& invocation, const Console& console) {
  experiment::FinishedRun run = open_run(invocation);
  RunHost host(console);
  experiment::write_report(run, host);
  console.print(run.folder.report().string());
  console.result({{"run", run.folder.path().string()}, {"file", run.folder.report().string()}});
}

}  // namespace cleave::cli::verbs
