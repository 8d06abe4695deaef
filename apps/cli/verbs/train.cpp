// `cleave train METHOD DATA`.
#include <optional>

#include "apps/cli/engine/interrupts.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/run_host.h"
#include "apps/cli/engine/verbs.h"

namespace cleave::cli::verbs {

void train(const Invocation& invocation, const Console& console) {
  experiment::RunConfig config;
  config.method = invocation.argument("method");
  config.settings = invocation.method;
  config.data = data_config(invocation);
  config.training = configure<training::TrainConfig>(invocation.training);
  config.seed = invocation.option<int64_t>("seed");
  std::filesystem::path run = run_folder(invocation, config);
  experiment::RunFolder::require_unused(run);
  std::optional<experiment::RunFolder> pretrained;
  if (const auto other = invocation.option<std::string>("pretrained"); !other.empty())
    pretrained = experiment::RunFolder::open(other);

  catch_interrupts(console.quiet());
  RunHost host(console);
  const data::Dataset dataset = config.data.open();
  conclude(run, experiment::train(config, dataset, run, circumstances(invocation), host, pretrained), console);
}

}  // namespace cleave::cli::verbs
