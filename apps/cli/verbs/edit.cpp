// `cleave edit RUN`: feature arithmetic, a - b + c.
#include "apps/cli/engine/pictures.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/analysis/generation.h"
#include "cleave/base/error.h"

namespace cleave::cli::verbs {

void edit(const Invocation& invocation, const Console& console) {
  experiment::FinishedRun run = open_run(invocation);
  model::Model& model = *run.fitted.model;
  bool can = model.abilities().embeds && model.abilities().decodes;
  require<ArgumentError>(can, "[{}] this method has no latents to decode", run.fitted.method);
  data::View view = run.view();
  auto rows = [&](const char* name) {
    return rows_named(run.dataset, std::string("--") + name, invocation.option<std::string>(name));
  };
  Tensor changed = rows("example"), minus = rows("minus"), plus = rows("plus");
  Tensor edited = analysis::edits(model, view.rows(changed), view.rows(minus), view.rows(plus),
                                  invocation.option<double>("strength"), invocation.option<int64_t>("steps"));
  write_pictures(invocation, console, run, "edit", edited,
                 {{"examples", changed.size(0)}, {"minus", minus.size(0)}, {"plus", plus.size(0)}});
}

}  // namespace cleave::cli::verbs
