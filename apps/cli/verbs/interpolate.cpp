// `cleave interpolate RUN`.
#include "apps/cli/engine/pictures.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/analysis/generation.h"
#include "cleave/base/error.h"

namespace cleave::cli::verbs {

void interpolate(const Invocation& invocation, const Console& console) {
  experiment::FinishedRun run = open_run(invocation);
  model::Model& model = *run.fitted.model;
  bool can = model.abilities().embeds && model.abilities().decodes;
  require<ArgumentError>(can, "[{}] this method has no latents to decode", run.fitted.method);
  auto from = invocation.option<int64_t>("from"), to = invocation.option<int64_t>("to");
  Tensor walk = analysis::interpolations(model, example(run, "--from", from), example(run, "--to", to),
                                         invocation.option<int64_t>("steps"));
  write_pictures(invocation, console, run, "interpolate", walk, {{"from", from}, {"to", to}});
}

}  // namespace cleave::cli::verbs
