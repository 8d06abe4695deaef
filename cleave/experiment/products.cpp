#include "cleave/experiment/products.h"

#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/base/npy.h"
#include "cleave/experiment/asking.h"

namespace cleave::experiment {

namespace {

Tensor all_rows(const data::View& view) {
  return at::arange(view.size(), at::kLong);
}

void require_clusters(const FittedModel& fitted) {
  require<ArgumentError>(fitted.model->abilities().clusters,
                         "{} does not cluster; `cleave models` lists what each method can do", fitted.method);
}

}  // namespace

void write_assignments(const std::filesystem::path& path, const FittedModel& fitted, const data::View& view) {
  require_clusters(fitted);
  std::string header = "index";
  std::vector<Assignment> columns;
  auto facets = fitted.model->facets();
  for (size_t i = 0; i < facets.size(); ++i) {
    std::string suffix = i == 0 ? "" : fmt::format("_{}", facets[i].layer);
    header += fmt::format(",cluster{0},confidence{0}", suffix);
    columns.push_back(assign(*fitted.model, i, view, all_rows(view)));
  }
  write_atomically(path, [&](ByteSink& sink) {
    sink.write(header + "\n");
    for (int64_t row = 0; row < view.size(); ++row) {
      std::string line = std::to_string(row);
      for (const auto& [cluster, confidence] : columns) {
        line +=
            fmt::format(",{},{:.6g}", cluster.const_data_ptr<int64_t>()[row], confidence.const_data_ptr<float>()[row]);
      }
      sink.write(line + "\n");
    }
  });
}

void write_responsibilities(const std::filesystem::path& path, const FittedModel& fitted, const data::View& view,
                            size_t facet) {
  require_clusters(fitted);
  auto responsibilities = [&](const Tensor& x) { return fitted.model->responsibilities(x, facet); };
  save_npy(path, ask(view, all_rows(view), responsibilities));
}

void write_embedding(const std::filesystem::path& path, const FittedModel& fitted, const data::View& view) {
  require<ArgumentError>(fitted.model->abilities().embeds,
                         "{} has no codes; `cleave models` lists what each method can do", fitted.method);
  save_npy(path, ask(view, all_rows(view), [&](const Tensor& x) { return fitted.model->embed(x); }));
}

void write_products(const RunFolder& run, const FittedModel& fitted, const data::View& view) {
  if (fitted.model->abilities().clusters) write_assignments(run.assignments(), fitted, view);
  if (fitted.model->abilities().embeds) write_embedding(run.embedding(), fitted, view);
  save_fitted_model(run.model_file(), fitted);
}

}  // namespace cleave::experiment
