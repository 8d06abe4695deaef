// `cleave cluster DATA`: train with the method that suits the data.
#include "apps/cli/engine/interrupts.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/run_host.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/experiment/recommend.h"

namespace cleave::cli::verbs {

void cluster(const Invocation& invocation, const Console& console) {
  experiment::RunConfig config;
  config.data = data_config(invocation);
  config.seed = invocation.option<int64_t>("seed");
  data::Dataset dataset = config.data.open();
  experiment::Recommendation choice = experiment::recommend(dataset, invocation.option<int64_t>("clusters"));
  config.method = choice.method;
  config.settings = choice.settings;
  console.note(choice.reason);
  console.note("the same as: " + experiment::train_line(config));

  std::filesystem::path run = run_folder(invocation, config);
  catch_interrupts(console.quiet());
  RunHost host(console);
  conclude(run, experiment::train(config, dataset, run, circumstances(invocation), host), console);
}

}  // namespace cleave::cli::verbs
