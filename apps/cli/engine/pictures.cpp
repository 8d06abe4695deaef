#include "apps/cli/engine/pictures.h"

#include "apps/cli/engine/requests.h"
#include "cleave/analysis/images.h"
#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/base/npy.h"
#include "cleave/report/image_grid.h"

namespace cleave::cli {

void write_pictures(const Invocation& invocation, const Console& console, const experiment::FinishedRun& run,
                    const std::string& name, const Tensor& decoded, Settings facts) {
  bool images = analysis::shows_images(run.dataset);
  auto otherwise = run.folder.figures() / (name + (images ? ".png" : ".npy"));
  std::filesystem::path file = output_file(invocation, otherwise, {".png", ".npy"});
  require<ArgumentError>(images || file.extension() != ".png",
                         "{}: the data are no images, so there is no picture; name a .npy file", file.string());
  if (invocation.option<std::string>("out").empty()) std::filesystem::create_directories(run.folder.figures());
  if (file.extension() == ".png") {
    write_atomically(file, report::image_grid(analysis::decoded_images(run.dataset, run.view(), decoded)).png);
  } else {
    save_npy(file, run.fitted.pipeline.inverse(decoded.flatten(0, 1)).view(decoded.sizes()));
  }
  console.note("wrote " + file.string());
  facts["run"] = run.folder.path().string();
  facts["file"] = file.string();
  facts["rows"] = decoded.size(0);
  facts["columns"] = decoded.size(1);
  console.result(facts);
}

Tensor example(const experiment::FinishedRun& run, const std::string& flag, int64_t row) {
  require<ArgumentError>(row < run.dataset.size(), "{}: expected a row below {} but received {}", flag,
                         run.dataset.size(), row);
  return run.view().rows(at::full({1}, row, at::kLong));
}

}  // namespace cleave::cli
