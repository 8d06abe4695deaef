// `cleave embed RUN [DATA]`.
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/base/files.h"
#include "cleave/base/npy.h"
#include "cleave/experiment/products.h"

namespace cleave::cli::verbs {

namespace {

std::string csv(const Tensor& codes) {
  std::string text = "index";
  for (int64_t d = 0; d < codes.size(1); ++d)
    text += fmt::format(",z{}", d);
  const float* value = codes.const_data_ptr<float>();
  for (int64_t row = 0; row < codes.size(0); ++row) {
    text += fmt::format("\n{}", row);
    for (int64_t d = 0; d < codes.size(1); ++d)
      text += fmt::format(",{}", *value++);
  }
  return text + "\n";
}

}  // namespace

void embed(const Invocation& invocation, const Console& console) {
  experiment::FinishedRun run = open_run(invocation);
  auto otherwise =
      run.own_data ? run.folder.embedding() : run.folder.path() / fmt::format("embedding-{}.npy", run.dataset.name);
  std::filesystem::path file = output_file(invocation, otherwise, {".npy", ".csv"});
  Tensor codes = experiment::codes(run.fitted, run.answers());
  if (file.extension() == ".csv")
    write_atomically(file, csv(codes));
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
