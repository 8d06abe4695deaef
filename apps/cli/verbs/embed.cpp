// `cleave embed RUN [DATA]`.
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/base/files.h"
#include "cleave/base/npy.h"
#include "cleave/experiment/products.h"

namespace cleave::cli::verbs {

void embed(const Invocation& invocation, const Console& console) {
  experiment::FinishedRun run = open_run(invocation);
  auto otherwise =
      run.own_data ? run.folder.embedding() : run.folder.path() / fmt::format("embedding-{}.npy", run.dataset.name);
  std::filesystem::path file = output_file(invocation, otherwise, {".npy", ".csv"});
  Tensor codes = experiment::codes(run.fitted, run.answers());
  if (file.extension() == ".csv")
    write_atomically(file, experiment::codes_csv(codes, run.dataset.ids));
  else
    save_npy(file, codes);
  console.note(fmt::format("wrote {}: {} codes of {} numbers", file.string(), codes.size(0), codes.size(1)));
  console.result({{"run", run.folder.path().string()},
                  {"data", run.dataset.name},
                  {"n", codes.size(0)},
                  {"latent_dim", codes.size(1)},
                  {"file", file.string()}});
}

}  // namespace cleave::cli::verbs
