#include "cleave/experiment/mapping.h"

#include <ATen/core/grad_mode.h>

#include "cleave/base/checksum.h"
#include "cleave/base/error.h"
#include "cleave/base/npy.h"
#include "cleave/classical/pca.h"
#include "cleave/models/registry.h"

namespace cleave::experiment {

namespace {

/// Hands on what a fit says.
struct Listener : model::Observer {
  explicit Listener(Host& to) : host(to) {}
  void note(const std::string& text) override { host.note(text); }
  bool should_stop() override { return host.should_stop(); }
  Host& host;
};

/// XXH3-64 of points [N, 2] float32.
std::string checksum_of(const Tensor& points) {
  const Tensor rows = points.contiguous();
  return checksum64({static_cast<const char*>(rows.const_data_ptr()), rows.nbytes()});
}

}  // namespace

report::MapOfExamples draw_map(const Tensor& points, const std::string& name, Settings given, uint64_t seed,
                               Host& host) {
  at::NoGradGuard no_grad;
  const model::Method& method = models::find_method(name);
  require<ArgumentError>(method.abilities.embeds && !method.abilities.has_bound,
                         "{} draws no maps; pca, tsne and umap do", name);
  data::Dataset dataset;
  dataset.examples.dense = points.to(at::kFloat).contiguous();
  dataset.shape = {points.size(1)};
  data::View view(dataset, {});
  given["latent_dim"] = 2;
  Settings settings = method.resolve(given, view.describe());
  Randomness random(seed);
  auto model = method.make(settings, view.describe(), random);
  model->eval();
  Listener listener(host);
  model::Step at;
  for (const model::Stage& stage : model->stages()) {
    require<ArgumentError>(stage.closed_form, "{} draws no maps; pca, tsne and umap do", name);
    const Randomness of_stage = random.child(stage.name);
    bool finished = false;
    for (at.epoch = 0; !finished && at.epoch < stage.epochs; ++at.epoch, ++at.index) {
      if (host.should_stop()) throw Interrupted("the map was not finished");
      finished = model->iterate(stage, at, {view, of_stage, listener}).finished;
    }
    ++at.stage;
  }
  return {analysis::ask(*model, view).code(), method.title, settings};
}

Tensor mapped_points(const FinishedRun& run) {
  constexpr int64_t kWide = 50;  // beyond, principal components keep the neighbours and are sooner searched
  if (!run.fitted.model->abilities().independent_code()) return classical::reduced_to(run.view().all(), kWide);
  Tensor hidden = analysis::hidden_features(*run.fitted.model, run.view());
  return hidden.defined() ? classical::reduced_to(hidden, kWide) : run.answers().code();
}

void save_map(const RunFolder& run, const report::MapOfExamples& map) {
  const Tensor points = map.points.to(at::kFloat);
  // The two files are replaced one after the other: the checksum tells whether they belong together.
  write_json(run.path() / "map.json",
             {{"method", map.method}, {"settings", map.settings}, {"xxh3_64", checksum_of(points)}});
  save_npy(run.path() / "map.npy", points);
}

std::optional<report::MapOfExamples> saved_map(const RunFolder& run) {
  if (!std::filesystem::exists(run.path() / "map.npy")) return std::nullopt;
  Settings about = read_json(run.path() / "map.json");
  const Tensor points = data::open((run.path() / "map.npy").string()).examples.dense;
  const std::string sum = checksum_of(points);
  if (about.value("xxh3_64", sum) != sum) return std::nullopt;
  return report::MapOfExamples{points, about.at("method").get<std::string>(), about.at("settings")};
}

void ensure_map(const FinishedRun& run, Host& host) {
  constexpr int64_t kFewest = 50, kMost = 100'000;
  const int64_t size = run.dataset.size();
  if (size < kFewest || size > kMost || saved_map(run.folder)) return;
  Tensor points = mapped_points(run);
  if (points.size(1) <= 2) return;
  host.note("drawing the map of the report");
  save_map(run.folder, draw_map(points, "umap", {}, static_cast<uint64_t>(run.folder.config().seed), host));
}

}  // namespace cleave::experiment
