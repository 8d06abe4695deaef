// `cleave edit RUN`: feature arithmetic, a - b + c.
#include "apps/cli/engine/pictures.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/analysis/generation.h"

namespace cleave::cli::verbs {

void edit(const Invocation& invocation, const Console& console) {
  experiment::FinishedRun run = open_run(invocation);
  model::Model& model = *run.fitted.model;
  require_latents(run);
  const auto file = picture_file(invocation, run, "edit");
  data::View view = run.view();
  auto rows = [&](const char* name) {
    return rows_named(run.dataset, std::string("--") + name, invocation.option<std::string>(name));
  };
  Tensor changed = rows("example"), minus = rows("minus"), plus = rows("plus");
  Tensor edited = analysis::edits(model, view.rows(changed), view.rows(minus), view.rows(plus),
                                  invocation.option<double>("strength"), invocation.option<int64_t>("steps"));
  write_pictures(file, console, run, edited,
                 {{"examples", changed.size(0)}, {"minus", minus.size(0)}, {"plus", plus.size(0)}});
}

}  // namespace cleave::cli::verbs
