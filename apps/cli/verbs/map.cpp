// `cleave map RUN|DATA`.
#include "apps/cli/engine/interrupts.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/run_host.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/base/npy.h"
#include "cleave/experiment/mapping.h"
#include "cleave/experiment/reporting.h"
#include "cleave/report/charts.h"

namespace cleave::cli::verbs {

namespace {

/// The settings that the flags give, for the projection that has them.
Settings settings_of(const Invocation& invocation) {
  Settings settings = Settings::object();
  if (auto given = invocation.option<double>("perplexity"); given > 0) settings["perplexity"] = given;
  if (auto given = invocation.option<int64_t>("neighbours"); given > 0) settings["neighbours"] = given;
  return settings;
}

/// The map as numbers (.npy) or as a picture (.svg) coloured by class.
void write_map(const std::filesystem::path& file, const Tensor& points, const Tensor& classes,
               const std::vector<std::string>& names, const std::string& title) {
  if (file.extension() == ".npy") return save_npy(file, points.to(at::kFloat));
  write_atomically(file, report::draw(report::Scatter{.title = title,
                                                      .x_label = "",
                                                      .y_label = "",
                                                      .points = points,
                                                      .classes = classes,
                                                      .names = names,
                                                      .colours = {}}));
}

}  // namespace

void map(const Invocation& invocation, const Console& console) {
  std::filesystem::path what = invocation.argument("what");
  const auto projection = invocation.option<std::string>("projection");
  const auto seed = static_cast<uint64_t>(invocation.option<int64_t>("seed"));
  const auto out = invocation.option<std::string>("out");
  catch_interrupts(console.quiet());
  RunHost host(console);
  Settings result = {{"what", what.string()}, {"projection", projection}};
  if (std::filesystem::exists(what / "config.toml")) {
    experiment::FinishedRun run = open_run(invocation, "what");
    auto otherwise = run.own_data ? "map.npy" : fmt::format("map-{}.npy", run.dataset.name);
    auto file = output_file(invocation, run.folder.path() / otherwise, {".svg", ".npy"});
    auto drawn = experiment::draw_map(experiment::mapped_points(run), projection, settings_of(invocation), seed, host);
    const bool into_run = run.own_data && out.empty();
    if (into_run) {
      experiment::save_map(run.folder, drawn);
      experiment::write_report(run, host);
    } else {
      bool clusters = run.fitted.model->abilities().clusters;
      std::vector<std::string> names;
      for (int64_t k = 0; clusters && k < run.fitted.model->facets()[0].clusters; ++k)
        names.push_back(fmt::format("cluster {}", k));
      Tensor none = at::full({drawn.points.size(0)}, -1, at::kLong);
      write_map(file, drawn.points, clusters ? run.answers().assignment() : none, names, what.string());
    }
    console.note("wrote " + file.string() + (into_run ? " and the report " + run.folder.report().string() : ""));
    result.update({{"n", drawn.points.size(0)}, {"file", file.string()}});
  } else {
    data::Dataset dataset = data_config(invocation, "what").open();
    auto file = output_file(invocation, "map-" + dataset.name + ".svg", {".svg", ".npy"});
    auto pipeline = data::Pipeline::fit({"auto"}, dataset, Randomness(0));
    auto drawn =
        experiment::draw_map(data::View(dataset, pipeline).all(), projection, settings_of(invocation), seed, host);
    Tensor classes = dataset.has_labels() ? dataset.labels : at::full({dataset.size()}, -1, at::kLong);
    write_map(file, drawn.points, classes, dataset.label_names, dataset.name);
    console.note("wrote " + file.string());
    result.update({{"n", drawn.points.size(0)}, {"file", file.string()}});
  }
  console.result(result);
}

}  // namespace cleave::cli::verbs
