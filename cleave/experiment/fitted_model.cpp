#include "cleave/experiment/fitted_model.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/ranges.h>

#include "cleave/base/error.h"
#include "cleave/base/safetensors.h"
#include "cleave/base/text.h"
#include "cleave/base/version.h"
#include "cleave/models/registry.h"
#include "cleave/training/checkpoint.h"

namespace cleave::experiment {

namespace {

constexpr const char* kFormat = "1";
constexpr const char* kModelPrefix = "model.";
constexpr const char* kPipelinePrefix = "pipeline.";

using Tensors = std::map<std::string, Tensor>;

void add_prefixed(Tensors& to, const std::string& prefix, const Tensors& from) {
  for (const auto& [name, tensor] : from)
    to[prefix + name] = tensor;
}

Tensors without_prefix(const Tensors& from, const std::string& prefix) {
  Tensors result;
  for (const auto& [name, tensor] : from) {
    if (name.starts_with(prefix)) result[name.substr(prefix.size())] = tensor;
  }
  return result;
}

Settings to_json(const data::Description& description) {
  return {{"kind", data::kind_name(description.kind)},
          {"shape", description.shape},
          {"width", description.width},
          {"size", description.size},
          {"unit_interval", description.unit_interval}};
}

data::Kind kind_from(const std::string& name) {
  for (data::Kind kind : {data::Kind::kImage, data::Kind::kCounts, data::Kind::kText, data::Kind::kTable}) {
    if (data::kind_name(kind) == name) return kind;
  }
  throw CorruptFileError(fmt::format("unknown kind of data '{}'", name));
}

data::Description description_from(const Settings& json) {
  return {kind_from(json.at("kind").get<std::string>()), json.at("shape").get<std::vector<int64_t>>(),
          json.at("width").get<int64_t>(), json.at("size").get<int64_t>(), json.at("unit_interval").get<bool>()};
}

/// The examples with their columns in the order of `names`.
data::Examples in_order(const data::Dataset& dataset, const std::vector<std::string>& names) {
  std::unordered_map<std::string, int64_t> places;
  for (const std::string& name : dataset.feature_names)
    places.emplace(name, static_cast<int64_t>(places.size()));
  std::vector<int64_t> order;
  for (const std::string& name : names) {
    auto found = places.find(name);
    require<DataError>(found != places.end(), "{}: has no column '{}', but the run was fitted to one of that name",
                       dataset.name, name);
    order.push_back(found->second);
  }
  require<DataError>(places.size() == names.size() && !dataset.examples.is_sparse(),
                     "{}: its columns have another order than those that the run was fitted to; put them in the same",
                     dataset.name);
  data::Examples result;
  result.dense = dataset.examples.dense.index_select(1, at::tensor(order, at::kLong));
  return result;
}

FittedModel rebuild(const TensorFile& file) {
  auto text = [&](const std::string& key) {
    auto found = file.metadata.find(key);
    require<CorruptFileError>(found != file.metadata.end(), "the header has no '{}'; was it written by cleave?", key);
    return found->second;
  };
  require<CorruptFileError>(text("format") == kFormat, "format {} where this version reads format {}", text("format"),
                            kFormat);
  FittedModel fitted;
  fitted.method = text("method");
  fitted.settings = Settings::parse(text("settings"));
  Settings data = Settings::parse(text("data"));
  fitted.description = description_from(data);
  fitted.largest = data.at("largest").get<double>();
  fitted.feature_names = data.value("feature_names", std::vector<std::string>{});
  fitted.class_names = data.value("class_names", std::vector<std::string>{});
  fitted.pipeline =
      data::Pipeline::restore(split(text("transforms"), ','), without_prefix(file.tensors, kPipelinePrefix));
  fitted.model = models::find_method(fitted.method).make(fitted.settings, fitted.description, Randomness(0));
  training::load_model_tensors(*fitted.model, without_prefix(file.tensors, kModelPrefix));
  fitted.model->eval();  // batch normalisation answers with what it has learned, not with the batch that asks
  return fitted;
}

}  // namespace

data::Dataset FittedModel::adapted(data::Dataset dataset) const {
  require<DataError>(dataset.width() == description.width,
                     "{}: examples have {} values, but the run was fitted to examples of {}", dataset.name,
                     dataset.width(), description.width);
  if (!feature_names.empty() && !dataset.feature_names.empty() && dataset.feature_names != feature_names) {
    dataset.examples = in_order(dataset, feature_names);
    dataset.feature_names = feature_names;
  }
  if (dataset.kind != data::Kind::kImage || description.kind != data::Kind::kImage) return dataset;
  require<DataError>(dataset.shape == description.shape,
                     "{}: images are {} (channels, height, width), but the run was fitted to images of {}",
                     dataset.name, fmt::join(dataset.shape, " x "), fmt::join(description.shape, " x "));
  if (dataset.largest != largest) {
    dataset.examples.dense = dataset.examples.dense.to(at::kFloat) * (largest / dataset.largest);
    dataset.largest = largest;
  }
  return dataset;
}

Tensor places_of(const std::vector<std::string>& names, const std::vector<std::string>& among, int64_t absent) {
  std::vector<int64_t> places;
  for (const std::string& name : names) {
    auto found = std::find(among.begin(), among.end(), name);
    places.push_back(found == among.end() ? absent : found - among.begin());
  }
  return at::tensor(places, at::kLong);
}

void save_fitted_model(const std::filesystem::path& path, const FittedModel& fitted) {
  TensorFile file;
  add_prefixed(file.tensors, kModelPrefix, training::model_tensors(*fitted.model));
  add_prefixed(file.tensors, kPipelinePrefix, fitted.pipeline.state());
  Settings data = to_json(fitted.description);
  data["largest"] = fitted.largest;
  if (!fitted.feature_names.empty()) data["feature_names"] = fitted.feature_names;
  if (!fitted.class_names.empty()) data["class_names"] = fitted.class_names;
  file.metadata = {{"format", kFormat},       {"cleave", kVersion},
                   {"method", fitted.method}, {"settings", fitted.settings.dump()},
                   {"data", data.dump()},     {"transforms", join(fitted.pipeline.names(), ",")}};
  save_tensors(path, file);
}

FittedModel load_fitted_model(const std::filesystem::path& path) {
  TensorFile file = load_tensors(path);
  try {
    return rebuild(file);
  } catch (const std::exception& error) {  // ours, the JSON library's, the tensor library's: the content does not fit
    throw CorruptFileError(fmt::format("{}: {}", path.string(), error.what()));
  }
}

}  // namespace cleave::experiment
