#include "cleave/data/transforms.h"

#include "cleave/base/error.h"
#include "cleave/data/transform.h"

namespace cleave::data {

namespace {

constexpr const char* kUnitInterval = "unit_interval";  // key of the one fact that belongs to no single transform

std::vector<std::string> recommended(Kind kind, bool raw_counts) {
  switch (kind) {
    case Kind::kImage:
      return {"unit"};
    case Kind::kText:
      return {"dec"};
    case Kind::kTable:
      return {"standardise"};
    case Kind::kCounts:
      break;
  }
  if (raw_counts) return {"none"};
  return {"size-factor", "log1p"};  // standardised, a gene that two cells have would count as much as one of them all
}

std::vector<std::string> resolve(const std::vector<std::string>& names, Kind kind, bool raw_counts) {
  std::vector<std::string> resolved;
  for (const std::string& name : names) {
    const auto added = name == "auto" ? recommended(kind, raw_counts) : std::vector<std::string>{name};
    resolved.insert(resolved.end(), added.begin(), added.end());
  }
  if (resolved.empty()) resolved = {"none"};
  for (auto name = resolved.begin(); name != resolved.end(); ++name)
    require<ArgumentError>(std::find(resolved.begin(), name, *name) == name, "transform '{}' is listed twice", *name);
  return resolved;
}

// The state of one transform, out of the state of all: "standardise.mean" -> "mean".
State state_of(const Transform& transform, const State& all) {
  State own;
  for (const std::string& key : transform.state_names)
    own[key] = all.at(transform.name + "." + key);
  return own;
}

Tensor apply(const std::vector<std::string>& names, const State& state, Tensor x, const Rows& rows) {
  for (const std::string& name : names) {
    const Transform& transform = find_transform(name);
    x = transform.forward(x, state_of(transform, state), rows);
  }
  return x;
}

bool lies_in_unit_interval(const Source& source) {
  bool inside = true;
  source.each_block([&](const Tensor& x, int64_t) {
    if (!inside) return;
    const auto [low, high] = at::aminmax(x);
    inside = low.item<float>() >= 0 && high.item<float>() <= 1;
  });
  return inside;
}

}  // namespace

Pipeline Pipeline::fit(const std::vector<std::string>& names, const Dataset& dataset, const Randomness& random,
                       bool raw_counts) {
  Pipeline pipeline;
  const Source source{
      dataset, [&](const Tensor& x, const Rows& rows) { return apply(pipeline.names_, pipeline.state_, x, rows); }};
  pipeline.unit_interval_ = lies_in_unit_interval(source);
  for (const std::string& name : resolve(names, dataset.kind, raw_counts)) {
    const Transform& transform = find_transform(name);
    for (const auto& [key, value] : transform.fit(source, random.child(name)))
      pipeline.state_[name + "." + key] = value;
    pipeline.names_.push_back(name);
    pipeline.unit_interval_ = transform.unit_interval(pipeline.unit_interval_);
  }
  pipeline.state_[kUnitInterval] = at::full({}, pipeline.unit_interval_, at::kBool);
  return pipeline;
}

Pipeline Pipeline::restore(const std::vector<std::string>& names, const std::map<std::string, Tensor>& state) {
  std::vector<std::string> keys = {kUnitInterval};
  for (const std::string& name : names) {
    try {
      for (const std::string& key : find_transform(name).state_names)
        keys.push_back(name + "." + key);
    } catch (const ArgumentError& error) {
      throw CorruptFileError(fmt::format("the saved transforms: {}", error.what()));
    }
  }
  for (const std::string& key : keys)
    require<CorruptFileError>(state.contains(key), "the saved transforms lack '{}'", key);
  require<CorruptFileError>(state.size() == keys.size(), "the saved transforms hold {} values instead of {}",
                            state.size(), keys.size());
  Pipeline pipeline;
  pipeline.names_ = names;
  pipeline.state_ = state;
  pipeline.unit_interval_ = state.at(kUnitInterval).item<bool>();
  return pipeline;
}

Tensor Pipeline::forward(const Tensor& x, const Tensor& indices, int64_t epoch) const {
  return apply(names_, state_, x, {indices, epoch});
}

Tensor Pipeline::inverse(const Tensor& x) const {
  Tensor result = x;
  for (auto name = names_.rbegin(); name != names_.rend(); ++name) {
    const Transform& transform = find_transform(*name);
    result = transform.inverse(result, state_of(transform, state_));
  }
  return result;
}

}  // namespace cleave::data
