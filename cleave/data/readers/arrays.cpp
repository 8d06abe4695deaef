#include "cleave/data/readers/arrays.h"

#include <algorithm>
#include <limits>
#include <set>

#include "cleave/base/error.h"
#include "cleave/base/text.h"

namespace cleave::data {
namespace {

bool fits_int32(const Tensor& values) {
  if (values.numel() == 0) return true;
  auto [low, high] = values.aminmax();
  return low.item<int64_t>() >= std::numeric_limits<int32_t>::min() &&
         high.item<int64_t>() <= std::numeric_limits<int32_t>::max();
}

Tensor to_example_type(const Tensor& array) {
  switch (array.scalar_type()) {
    case at::kBool:
      return array.to(at::kByte);
    case at::kChar:
    case at::kShort:
      return array.to(at::kInt);
    case at::kLong:
      return array.to(fits_int32(array) ? at::kInt : at::kDouble);
    case at::kHalf:
    case at::kBFloat16:
      return array.to(at::kFloat);
    default:
      return array;
  }
}

bool is_channel_count(int64_t size) {
  return size == 1 || size == 3;
}

/// [N, C, H, W] of an array of images, or an undefined tensor when its axes do not look like images.
Tensor as_images(const Tensor& array) {
  if (array.dim() == 3) return array.unsqueeze(1);
  if (array.dim() != 4) return {};
  if (is_channel_count(array.size(1))) return array;
  if (is_channel_count(array.size(3))) return array.permute({0, 3, 1, 2});
  return {};
}

/// Full intensity of pixels whose type leaves it open: 1 when no value exceeds it, else 255 or the largest value.
double full_intensity(const Tensor& pixels) {
  if (pixels.scalar_type() == at::kByte) return 255;
  double largest = pixels.max().to(at::kDouble).item<double>();
  return largest <= 1 ? 1 : std::max(largest, 255.0);
}

}  // namespace

Dataset dataset_of_array(const Tensor& array, const std::string& name) {
  require<DataError>(array.dim() >= 2, "{}: expected an array with a row per example but it has {} axis", name,
                     array.dim());
  require<DataError>(array.numel() > 0, "{}: the array holds no values", name);
  Dataset dataset;
  dataset.name = name;
  Tensor images = as_images(array);
  Tensor ordered = to_example_type(images.defined() ? images : array).contiguous();
  dataset.examples.dense = ordered.reshape({ordered.size(0), -1});
  if (images.defined()) {
    dataset.kind = Kind::kImage;
    dataset.shape = ordered.sizes().slice(1).vec();
    dataset.largest = array.scalar_type() == at::kBool ? 1 : full_intensity(ordered);
  } else {
    dataset.kind = guess_kind(dataset.examples);
    dataset.shape = {dataset.width()};
  }
  return dataset;
}

Kind guess_kind(const Examples& examples) {
  const Tensor& values = examples.is_sparse() ? examples.sparse.values : examples.dense;
  if (examples.width() < 100 || values.numel() == 0 || values.scalar_type() == at::kByte) return Kind::kTable;
  auto [low, high] = values.aminmax();
  double largest = high.to(at::kDouble).item<double>();
  if (!(low.to(at::kDouble).item<double>() >= 0) || !(largest < 1e9) || largest == 255) return Kind::kTable;
  if (values.is_floating_point() && !values.frac().eq(0).all().item<bool>()) return Kind::kTable;
  double cells = static_cast<double>(examples.size()) * static_cast<double>(examples.width());
  return static_cast<double>(values.count_nonzero().item<int64_t>()) < 0.5 * cells ? Kind::kCounts : Kind::kTable;
}

void set_labels(Dataset& dataset, const Tensor& values) {
  const int64_t examples = dataset.size();
  require<DataError>(values.numel() == examples, "{}: {} labels for {} examples", dataset.name, values.numel(),
                     examples);
  Tensor numbers = values.reshape({examples}).to(at::kDouble);
  Tensor known = numbers.isnan().logical_not();
  Tensor strange = known.logical_and(numbers.frac().ne(0).logical_or(numbers.abs().gt(1e15)));
  if (strange.any().item<bool>()) {
    int64_t row = strange.nonzero()[0].item<int64_t>();
    throw DataError(fmt::format("{}: label of example {} is {}, but class labels are whole numbers", dataset.name, row,
                                numbers[row].item<double>()));
  }
  auto [classes, index] = at::_unique(numbers.index({known}), /*sorted=*/true, /*return_inverse=*/true);
  dataset.labels = at::full({examples}, -1, at::kLong);
  dataset.labels.index_put_({known}, index);
  dataset.label_names.clear();
  for (int64_t k = 0; k < classes.numel(); ++k) {
    dataset.label_names.push_back(fmt::format("{:.0f}", classes[k].item<double>()));
  }
}

void set_labels(Dataset& dataset, const std::vector<std::string>& words) {
  require<DataError>(static_cast<int64_t>(words.size()) == dataset.size(), "{}: {} labels for {} examples",
                     dataset.name, words.size(), dataset.size());
  std::set<std::string> classes(words.begin(), words.end());
  classes.erase("");
  dataset.label_names.assign(classes.begin(), classes.end());
  dataset.labels = at::full({dataset.size()}, -1, at::kLong);
  int64_t* label = dataset.labels.mutable_data_ptr<int64_t>();
  for (size_t i = 0; i < words.size(); ++i) {
    auto place = std::lower_bound(dataset.label_names.begin(), dataset.label_names.end(), words[i]);
    if (!words[i].empty()) label[i] = place - dataset.label_names.begin();
  }
}

std::string first_match(const std::vector<std::string>& present, const std::vector<std::string>& wanted) {
  for (const std::string& name : wanted) {
    for (const std::string& candidate : present) {
      if (lower(candidate) == name) return candidate;
    }
  }
  return {};
}

const std::vector<std::string>& example_names() {
  static const std::vector<std::string> names = {"x", "data", "features", "images", "fea", "examples"};
  return names;
}

const std::vector<std::string>& label_names() {
  static const std::vector<std::string> names = {"y", "target", "targets", "label", "labels", "gnd"};
  return names;
}

}  // namespace cleave::data
