// `cleave interpolate RUN`.
#include "apps/cli/engine/pictures.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/analysis/generation.h"

namespace cleave::cli::verbs {

void interpolate(const Invocation& invocation, const Console& console) {
  experiment::FinishedRun run = open_run(invocation);
  model::Model& model = *run.fitted.model;
  require_latents(run);
  const auto file = picture_file(invocation, run, "interpolate");
  auto from = invocation.option<int64_t>("from"), to = invocation.option<int64_t>("to");
  Tensor walk = analysis::interpolations(model, example(run, "--from", from), example(run, "--to", to),
                                         invocation.option<int64_t>("steps"));
  write_pictures(file, console, run, walk, {{"from", from}, {"to", to}});
}

}  // namespace cleave::cli::verbs
