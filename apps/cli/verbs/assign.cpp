// `cleave assign RUN [DATA]`.
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/base/files.h"
#include "cleave/base/text.h"
#include "cleave/experiment/products.h"

namespace cleave::cli::verbs {

void assign(const Invocation& invocation, const Console& console) {
  experiment::FinishedRun run = open_run(invocation);
  auto otherwise =
      run.own_data ? run.folder.assignments() : run.folder.path() / fmt::format("assignments-{}.csv", run.dataset.name);
  std::filesystem::path file = output_file(invocation, otherwise, {".csv"});
  std::string csv =
      experiment::assignments_csv(run.fitted, run.answers(), run.dataset.ids, invocation.option<bool>("soft"));
  bool to_file = console.json() || !invocation.option<std::string>("out").empty();
  if (!to_file) return console.print(std::string(trim(csv)));
  write_atomically(file, csv);
  console.note(fmt::format("wrote {}: {} examples", file.string(), run.dataset.size()));
  console.result({{"run", run.folder.path().string()},
                  {"data", run.dataset.name},
                  {"n", run.dataset.size()},
                  {"file", file.string()}});
}

}  // namespace cleave::cli::verbs
