// `cleave traverse RUN`.
#include "apps/cli/engine/pictures.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/analysis/answers.h"
#include "cleave/analysis/generation.h"

namespace cleave::cli::verbs {

namespace {
constexpr int64_t kExamples = 5000;  // enough for the range of a latent and for its information
}

void traverse(const Invocation& invocation, const Console& console) {
  experiment::FinishedRun run = open_run(invocation);
  model::Model& model = *run.fitted.model;
  require_latents(run);
  const bool layers = invocation.option<bool>("layers");
  if (layers) require_samples(run);
  const auto file = picture_file(invocation, run, layers ? "layers" : "traverse");
  Tensor base = example(run, "--index", invocation.option<int64_t>("index"));
  if (layers) {
    Randomness random(static_cast<uint64_t>(invocation.option<int64_t>("seed")));
    Tensor drawn = analysis::resampled_layers(model, base, invocation.option<int64_t>("steps"), random);
    write_pictures(file, console, run, drawn, {{"layers", drawn.size(0)}});
    return;
  }
  data::View view = run.view();
  Tensor rows = analysis::stratified_rows(view.size(), kExamples);
  Tensor codes = analysis::ask(model, view, rows).code();
  analysis::Traversals moved = analysis::traverse(
      model, base, codes, analysis::mean_information(model, view, rows), invocation.option<int64_t>("latents"),
      invocation.option<int64_t>("steps"), invocation.option<double>("span"));
  Settings latents = Settings::array();
  for (int64_t i = 0; i < moved.order.size(0); ++i) {
    int64_t latent = moved.order[i].item<int64_t>();
    latents.push_back(
        {{"latent", latent}, {moved.in_nats ? "nats" : "variance", moved.amounts[latent].item<double>()}});
  }
  write_pictures(file, console, run, moved.decoded, {{"latents", latents}});
}

}  // namespace cleave::cli::verbs
