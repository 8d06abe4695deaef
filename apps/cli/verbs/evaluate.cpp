// `cleave evaluate RUN [DATA]`.
#include "cleave/experiment/evaluate.h"

#include "apps/cli/engine/evaluation_table.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"

namespace cleave::cli::verbs {

void evaluate(const Invocation& invocation, const Console& console) {
  experiment::FinishedRun run = open_run(invocation);
  experiment::EvaluationConfig config;
  config.iwae_samples = invocation.option<int64_t>("iwae_samples");
  config.seed = invocation.option<int64_t>("seed");
  Settings evaluation = experiment::evaluate(run, config);
  console.print(evaluation_table(evaluation));
  console.result(evaluation);
  if (run.own_data) experiment::write_json(run.folder.evaluation(), evaluation);
}

}  // namespace cleave::cli::verbs
