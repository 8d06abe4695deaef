// `cleave map RUN|DATA`.
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/analysis/plane.h"
#include "cleave/base/files.h"
#include "cleave/base/npy.h"
#include "cleave/experiment/products.h"
#include "cleave/report/charts.h"

namespace cleave::cli::verbs {

namespace {

/// What is shown: points in many dimensions, and the class that colours each.
struct Cloud {
  Tensor points;   // [N, D]
  Tensor classes;  // [N] int64
  std::vector<std::string> names;
  std::filesystem::path otherwise;  // where the map goes unless --out says
};

Cloud codes_of(const experiment::FinishedRun& run) {
  analysis::Answers answers = run.answers();
  Cloud cloud{experiment::codes(run.fitted, answers),
              at::full({run.dataset.size()}, -1, at::kLong),
              {},
              run.folder.figures() / "map.svg"};
  std::filesystem::create_directories(run.folder.figures());
  if (!run.fitted.model->abilities().clusters) return cloud;
  cloud.classes = answers.assignment();
  for (int64_t k = 0; k < run.fitted.model->facets()[0].clusters; ++k)
    cloud.names.push_back(fmt::format("cluster {}", k));
  return cloud;
}

Cloud examples_of(const experiment::DataConfig& config) {
  data::Dataset dataset = config.open();
  auto pipeline = data::Pipeline::fit({"auto"}, dataset, Randomness(0));
  Tensor classes = dataset.has_labels() ? dataset.labels : at::full({dataset.size()}, -1, at::kLong);
  return {data::View(dataset, pipeline).all(), classes, dataset.label_names, "map-" + dataset.name + ".svg"};
}

}  // namespace

void map(const Invocation& invocation, const Console& console) {
  std::filesystem::path what = invocation.argument("what");
  bool is_run = std::filesystem::exists(what / "config.toml");
  Cloud cloud = is_run ? codes_of(experiment::open_finished(what)) : examples_of(data_config(invocation, "what"));
  std::filesystem::path file = output_file(invocation, cloud.otherwise, {".svg", ".npy"});
  analysis::Plane plane = analysis::principal_plane(cloud.points);
  if (file.extension() == ".npy") {
    save_npy(file, plane.points);
  } else {
    report::Scatter scatter{
        .title = what.string(), .points = plane.points, .classes = cloud.classes, .names = cloud.names};
    scatter.x_label = fmt::format("first axis, {:.0f} % of the variance", 100 * plane.shares[0].item<double>());
    scatter.y_label = fmt::format("second axis, {:.0f} %", 100 * plane.shares[1].item<double>());
    write_atomically(file, report::draw(scatter));
  }
  console.note("wrote " + file.string());
  console.result({{"what", what.string()}, {"n", plane.points.size(0)}, {"file", file.string()}});
}

}  // namespace cleave::cli::verbs
