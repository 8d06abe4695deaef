// `cleave sample RUN`.
#include "apps/cli/engine/pictures.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/analysis/generation.h"

namespace cleave::cli::verbs {

void sample(const Invocation& invocation, const Console& console) {
  experiment::FinishedRun run = open_run(invocation);
  require_samples(run);
  const auto file = picture_file(invocation, run, "sample");
  auto facet = invocation.option<int64_t>("facet");
  auto spread = invocation.option<double>("spread");
  Randomness random(static_cast<uint64_t>(invocation.option<int64_t>("seed")));
  Tensor samples = analysis::draw_samples(*run.fitted.model, static_cast<size_t>(facet),
                                          invocation.option<int64_t>("count"), spread, random);
  write_pictures(file, console, run, samples, {{"facet", facet}, {"spread", spread}});
}

}  // namespace cleave::cli::verbs
