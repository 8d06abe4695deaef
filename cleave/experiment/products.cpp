#include "cleave/experiment/products.h"

#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/base/npy.h"
#include "cleave/experiment/assignment.h"

namespace cleave::experiment {

namespace {

/// The columns of one facet.
struct Columns {
  Assignment assignment;
  Tensor responsibilities;  // [N, K] float32; no columns unless asked for
};

/// As RFC 4180 writes it.
std::string csv_field(const std::string& value) {
  if (value.find_first_of(",\"\r\n") == std::string::npos) return value;
  std::string quoted = "\"";
  for (char c : value)
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// What a table of examples begins with: its header, and every line.
std::string first_columns(const std::vector<std::string>& ids) {
  return ids.empty() ? "index" : "index,id";
}
void begin_line(std::string& text, int64_t row, const std::vector<std::string>& ids) {
  fmt::format_to(std::back_inserter(text), "\n{}", row);
  if (!ids.empty()) text += "," + csv_field(ids[static_cast<size_t>(row)]);
}

}  // namespace

std::string assignments_csv(const FittedModel& fitted, const analysis::Answers& answers,
                            const std::vector<std::string>& ids, bool soft) {
  require<ArgumentError>(fitted.model->abilities().clusters,
                         "{} does not cluster; `cleave models` lists what each method can do", fitted.method);
  std::string text = first_columns(ids);
  std::vector<Columns> all;
  auto facets = fitted.model->facets();
  for (size_t i = 0; i < facets.size(); ++i) {
    std::string suffix = i == 0 ? "" : fmt::format("_{}", facets[i].layer);
    text += fmt::format(",cluster{0},confidence{0}", suffix);
    for (int64_t k = 0; soft && k < facets[i].clusters; ++k)
      text += fmt::format(",probability{}_{}", suffix, k);
    const Tensor& r = answers.responsibilities[i];
    all.push_back({most_probable(r), r.narrow(1, 0, soft ? r.size(1) : 0).to(at::kFloat).contiguous()});
  }
  for (int64_t row = 0; row < answers.indices.size(0); ++row) {
    begin_line(text, row, ids);
    for (const auto& [assignment, responsibilities] : all) {
      fmt::format_to(std::back_inserter(text), ",{},{:.6g}", assignment.cluster.const_data_ptr<int64_t>()[row],
                     assignment.confidence.const_data_ptr<float>()[row]);
      const float* probability = responsibilities.const_data_ptr<float>() + row * responsibilities.size(1);
      for (int64_t k = 0; k < responsibilities.size(1); ++k) {
        fmt::format_to(std::back_inserter(text), ",{:.6g}", probability[k]);
      }
    }
  }
  return text + "\n";
}

Tensor codes(const FittedModel& fitted, const analysis::Answers& answers) {
  require<ArgumentError>(fitted.model->abilities().embeds,
                         "{} has no codes; `cleave models` lists what each method can do", fitted.method);
  return answers.code().contiguous();
}

std::string codes_csv(const Tensor& codes, const std::vector<std::string>& ids) {
  std::string text = first_columns(ids);
  for (int64_t d = 0; d < codes.size(1); ++d)
    fmt::format_to(std::back_inserter(text), ",z{}", d);
  const float* value = codes.const_data_ptr<float>();
  for (int64_t row = 0; row < codes.size(0); ++row) {
    begin_line(text, row, ids);
    for (int64_t d = 0; d < codes.size(1); ++d)
      fmt::format_to(std::back_inserter(text), ",{}", *value++);
  }
  return text + "\n";
}

void write_products(const RunFolder& run, const FittedModel& fitted, const data::Dataset& dataset,
                    const data::View& view) {
  analysis::Answers answers = analysis::ask(*fitted.model, view);
  if (fitted.model->abilities().clusters)
    write_atomically(run.assignments(), assignments_csv(fitted, answers, dataset.ids));
  if (fitted.model->abilities().embeds) save_npy(run.embedding(), codes(fitted, answers));
  save_fitted_model(run.model_file(), fitted);
}

}  // namespace cleave::experiment
