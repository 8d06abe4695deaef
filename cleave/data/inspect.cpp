#include <algorithm>

#include "cleave/data/convert.h"

namespace cleave::data {
namespace {

std::string type_name(at::ScalarType type) {
  switch (type) {
    case at::kByte:
      return "uint8";
    case at::kInt:
      return "int32";
    case at::kFloat:
      return "float32";
    default:
      return "float64";
  }
}

void describe_values(const Examples& examples, Inspection& result) {
  const Tensor& values = examples.is_sparse() ? examples.sparse.values : examples.dense;
  result.type = type_name(values.scalar_type());
  double cells = static_cast<double>(examples.size()) * static_cast<double>(examples.width());
  auto stored = static_cast<double>(values.numel());
  result.zeros = (cells - static_cast<double>(values.count_nonzero().item<int64_t>())) / cells;
  if (values.numel() == 0) return;
  result.smallest = values.min().to(at::kDouble).item<double>();
  result.largest = values.max().to(at::kDouble).item<double>();
  if (stored < cells) {
    result.smallest = std::min(result.smallest, 0.0);
    result.largest = std::max(result.largest, 0.0);
  }
  result.mean = values.sum(at::kDouble).item<double>() / cells;
}

}  // namespace

Inspection inspect(const Dataset& dataset) {
  Inspection result{.name = dataset.name,
                    .kind = kind_name(dataset.kind),
                    .type = {},
                    .size = dataset.size(),
                    .shape = dataset.shape,
                    .sparse = dataset.examples.is_sparse(),
                    .bytes = dataset.examples.bytes(),
                    .train_count = dataset.train_count,
                    .labels = {},
                    .factors = {},
                    .checksum = dataset.checksum()};
  describe_values(dataset.examples, result);
  if (dataset.has_labels()) {
    Tensor counts = at::bincount(dataset.labels + 1, {}, static_cast<int64_t>(dataset.label_names.size()) + 1);
    result.unlabelled = counts[0].item<int64_t>();
    for (int64_t k = 1; k < counts.size(0); ++k) {
      size_t name = static_cast<size_t>(k) - 1;
      bool named = name < dataset.label_names.size();
      result.labels.emplace_back(named ? dataset.label_names[name] : std::to_string(name), counts[k].item<int64_t>());
    }
  }
  for (const Factor& factor : dataset.factors) {
    result.factors.emplace_back(factor.name, std::get<0>(at::_unique(factor.values)).size(0));
  }
  return result;
}

}  // namespace cleave::data
