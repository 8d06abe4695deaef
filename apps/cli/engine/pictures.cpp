#include "apps/cli/engine/pictures.h"

#include <algorithm>
#include <charconv>

#include "apps/cli/engine/requests.h"
#include "cleave/analysis/images.h"
#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/base/npy.h"
#include "cleave/base/text.h"
#include "cleave/data/convert.h"
#include "cleave/report/image_grid.h"

namespace cleave::cli {

namespace {

/// Decoded examples [rows, columns, X] as a data set like the one they imitate, labelled by row.
data::Dataset as_dataset(const experiment::FinishedRun& run, const Tensor& decoded) {
  data::Dataset dataset;
  dataset.name = "decoded";
  dataset.kind = run.dataset.kind;
  dataset.shape = run.dataset.shape;
  dataset.largest = run.dataset.largest;
  dataset.feature_names = run.dataset.feature_names;
  dataset.examples.dense = run.fitted.pipeline.inverse(decoded.flatten(0, 1)).to(at::kFloat).contiguous();
  dataset.labels = at::arange(decoded.size(0)).repeat_interleave(decoded.size(1));
  for (int64_t row = 0; row < decoded.size(0); ++row)
    dataset.label_names.push_back(std::to_string(row));
  return dataset;
}

}  // namespace

void require_samples(const experiment::FinishedRun& run) {
  require<ArgumentError>(run.fitted.model->abilities().generates,
                         "[{}] this method draws no samples; `cleave models` lists what each method can do",
                         run.fitted.method);
}

void require_latents(const experiment::FinishedRun& run) {
  const model::Abilities& can = run.fitted.model->abilities();
  require<ArgumentError>(can.embeds && can.decodes, "[{}] this method has no latents to decode", run.fitted.method);
  require<ArgumentError>(can.independent_code(),
                         "[{}] this method has no latents to decode: its codes follow from its clusters",
                         run.fitted.method);
}

std::filesystem::path picture_file(const Invocation& invocation, const experiment::FinishedRun& run,
                                   const std::string& name) {
  bool images = analysis::shows_images(run.dataset);
  auto otherwise = run.folder.figures() / (name + (images ? ".png" : ".npy"));
  std::filesystem::path file = output_file(invocation, otherwise, {".png", ".npy", ".npz"});
  require<ArgumentError>(images || file.extension() != ".png",
                         "{}: the data are no images, so there is no picture; name a .npy or .npz file", file.string());
  return file;
}

void write_pictures(const std::filesystem::path& file, const Console& console, const experiment::FinishedRun& run,
                    const Tensor& decoded, Settings facts) {
  if (file.parent_path() == run.folder.figures()) std::filesystem::create_directories(run.folder.figures());
  if (file.extension() == ".png") {
    write_atomically(file, report::image_grid(analysis::decoded_images(run.dataset, run.view(), decoded)).png);
  } else if (file.extension() == ".npz") {
    data::convert(as_dataset(run, decoded), file);
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

namespace {

/// The rows at which a named column has a value, written as its name or as a number.
Tensor rows_where(const data::Dataset& dataset, const std::string& flag, const std::string& name,
                  const std::string& wanted) {
  std::vector<data::Factor> columns = dataset.factors;
  if (dataset.has_labels()) columns.push_back({"label", dataset.labels.to(at::kDouble), true, dataset.label_names});
  std::vector<std::string> names;
  for (const data::Factor& column : columns) {
    names.push_back(column.name);
    if (column.name != name) continue;
    auto found = std::find(column.value_names.begin(), column.value_names.end(), wanted);
    double value = 0;
    if (found != column.value_names.end()) {
      value = static_cast<double>(found - column.value_names.begin());
    } else {
      auto [end, problem] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), value);
      require<ArgumentError>(problem == std::errc() && end == wanted.data() + wanted.size(),
                             "{}: {} is never \"{}\"; its values are {}", flag, name, wanted,
                             column.value_names.empty() ? "numbers" : join(column.value_names, ", "));
    }
    Tensor rows = column.values.eq(value).nonzero().squeeze(1);
    require<ArgumentError>(rows.size(0) > 0, "{}: no example has {} = {}", flag, name, wanted);
    return rows;
  }
  throw ArgumentError(flag + ": " + unknown_name("factor", name, names));
}

}  // namespace

Tensor rows_named(const data::Dataset& dataset, const std::string& flag, const std::string& text) {
  if (size_t equals = text.find('='); equals != std::string::npos)
    return rows_where(dataset, flag, text.substr(0, equals), text.substr(equals + 1));
  std::vector<int64_t> rows;
  for (const std::string& word : split(text, ',')) {
    int64_t row = -1;
    auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), row);
    require<ArgumentError>(
        problem == std::errc() && end == word.data() + word.size() && row >= 0 && row < dataset.size(),
        "{}: expected rows below {}, as in 3,18,7, or a factor, as in eyes=open; received \"{}\"", flag, dataset.size(),
        text);
    rows.push_back(row);
  }
  require<ArgumentError>(!rows.empty(), "{}: names no example; give rows, as in 3,18,7, or a factor, as in eyes=open",
                         flag);
  return at::tensor(rows, at::kLong);
}

}  // namespace cleave::cli
