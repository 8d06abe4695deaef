#include "cleave/data/dataset.h"

#include <limits>
#include <numeric>

#include <fmt/ranges.h>

#include <ATen/Parallel.h>

#include "cleave/base/checksum.h"
#include "cleave/base/error.h"

namespace cleave::data {

namespace {

// Entries per parallel chunk: below this, waking a thread costs more than it saves.
constexpr int64_t kGrain = 1 << 15;

// Calls use(pointer to the values) with the stored type.
template <class Use>
auto with_values(const Tensor& dense, Use&& use) {
  switch (dense.scalar_type()) {
    case at::kByte:
      return use(dense.const_data_ptr<uint8_t>());
    case at::kInt:
      return use(dense.const_data_ptr<int32_t>());
    case at::kFloat:
      return use(dense.const_data_ptr<float>());
    case at::kDouble:
      return use(dense.const_data_ptr<double>());
    default:
      throw DataError(fmt::format("examples of type {} are not supported", dense.dtype().name()));
  }
}

void gather_dense(const Tensor& dense, const Tensor& indices, Tensor& result) {
  const int64_t width = dense.size(1);
  const int64_t* row = indices.const_data_ptr<int64_t>();
  float* out = result.mutable_data_ptr<float>();
  with_values(dense, [&](const auto* values) {
    at::parallel_for(0, indices.size(0), kGrain / (width + 1) + 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        const auto* from = values + row[i] * width;
        float* to = out + i * width;
#pragma omp simd
        for (int64_t j = 0; j < width; ++j)
          to[j] = static_cast<float>(from[j]);
      }
    });
  });
}

void gather_sparse(const SparseRows& sparse, const Tensor& indices, Tensor& result) {
  const int64_t* row = indices.const_data_ptr<int64_t>();
  const int64_t* offsets = sparse.offsets.const_data_ptr<int64_t>();
  const int32_t* columns = sparse.columns.const_data_ptr<int32_t>();
  const float* values = sparse.values.const_data_ptr<float>();
  float* out = result.mutable_data_ptr<float>();
  at::parallel_for(0, indices.size(0), kGrain / (sparse.width + 1) + 1, [&](int64_t first, int64_t last) {
    std::fill(out + first * sparse.width, out + last * sparse.width, 0.0f);
    for (int64_t i = first; i < last; ++i)
      for (int64_t e = offsets[row[i]]; e < offsets[row[i] + 1]; ++e)
        out[i * sparse.width + columns[e]] = values[e];
  });
}

/// The first position of [0, size) where bad(position), or size.
template <class Bad>
int64_t first_bad(int64_t size, const Bad& bad) {
  return at::parallel_reduce(
      0, size, kGrain, size,
      [&](int64_t first, int64_t last, int64_t found) {
        while (first < last && !bad(first))
          ++first;
        return first < last ? std::min(first, found) : found;
      },
      [](int64_t a, int64_t b) { return std::min(a, b); });
}

// After this, size() and width() can be asked for.
void check_layout(const Dataset& set) {
  const Examples& examples = set.examples;
  if (!examples.is_sparse()) {
    const bool matrix = examples.dense.dim() == 2 && examples.dense.is_contiguous();
    require<DataError>(matrix, "{}: examples are not a contiguous matrix", set.name);
  } else {
    const SparseRows& sparse = examples.sparse;
    require<DataError>(sparse.offsets.defined() && sparse.columns.defined() && sparse.values.defined(),
                       "{}: there are no examples", set.name);
    require<DataError>(sparse.offsets.scalar_type() == at::kLong && sparse.columns.scalar_type() == at::kInt &&
                           sparse.values.scalar_type() == at::kFloat,
                       "{}: sparse examples need int64 offsets, int32 columns and float32 values", set.name);
    require<DataError>(sparse.offsets.dim() == 1 && sparse.offsets.size(0) > 0 && sparse.offsets.is_contiguous() &&
                           sparse.columns.is_contiguous() && sparse.values.is_contiguous(),
                       "{}: sparse examples are not contiguous lists", set.name);
  }
  require<DataError>(set.size() > 0 && set.width() > 0, "{}: {} examples of {} features: the data set is empty",
                     set.name, set.size(), set.width());
}

// The parts that go with one example or one feature are as many as there are of these.
void check_counts(const Dataset& set) {
  const auto product = std::accumulate(set.shape.begin(), set.shape.end(), int64_t{1}, std::multiplies<>());
  require<DataError>(product == set.width() && set.shape.size() == (set.kind == Kind::kImage ? 3u : 1u),
                     "{}: shape [{}] does not fit {} features of a data set of kind {}", set.name,
                     fmt::join(set.shape, ", "), set.width(), kind_name(set.kind));
  require<DataError>(set.feature_names.empty() || std::ssize(set.feature_names) == set.width(),
                     "{}: {} feature names for {} features", set.name, set.feature_names.size(), set.width());
  require<DataError>(set.ids.empty() || std::ssize(set.ids) == set.size(), "{}: {} ids for {} examples", set.name,
                     set.ids.size(), set.size());
  require<DataError>(set.train_count >= 0 && set.train_count <= set.size(), "{}: {} training rows of {}", set.name,
                     set.train_count, set.size());
}

// What a number may be: finite as float32, and within [0, largest] when it is a pixel.
struct Allowed {
  bool pixels;
  double largest;
  bool operator()(double value) const {
    return std::isfinite(static_cast<float>(value)) && (!pixels || (value >= 0 && value <= largest));
  }
};

void check_value(const Dataset& set, const Allowed& allowed, double value, int64_t row, int64_t column) {
  if (allowed(value)) return;
  const std::string where = set.feature_names.empty() ? std::string() : fmt::format(" ({})", set.feature_names[column]);
  require<DataError>(std::isfinite(value), "{}: row {} column {}{}, counted from 0: {} is not a finite number",
                     set.name, row, column, where, value);
  require<DataError>(std::isfinite(static_cast<float>(value)),
                     "{}: row {} column {}{}, counted from 0: {} is too large for single precision", set.name, row,
                     column, where, value);
  throw DataError(fmt::format("{}: row {} column {}{}, counted from 0: {} is outside the range of pixels, 0 to {}",
                              set.name, row, column, where, value, allowed.largest));
}

void check_dense(const Dataset& set, const Allowed& allowed) {
  const Tensor& dense = set.examples.dense;
  with_values(dense, [&](const auto* values) {
    using Value = std::decay_t<decltype(*values)>;
    if (std::is_same_v<Value, uint8_t> && allowed.largest >= 255) return;
    const int64_t bad = first_bad(dense.numel(), [&](int64_t i) { return !allowed(values[i]); });
    if (bad < dense.numel()) check_value(set, allowed, values[bad], bad / dense.size(1), bad % dense.size(1));
  });
}

void check_sparse(const Dataset& set, const Allowed& allowed) {
  const SparseRows& sparse = set.examples.sparse;
  const int64_t entries = sparse.values.numel(), rows = sparse.offsets.size(0) - 1;
  const int64_t* offsets = sparse.offsets.const_data_ptr<int64_t>();
  require<DataError>(offsets[0] == 0 && offsets[rows] == entries && sparse.columns.numel() == entries,
                     "{}: sparse offsets run from {} to {}, with {} columns and {} values", set.name, offsets[0],
                     offsets[rows], sparse.columns.numel(), entries);
  const int64_t falling = first_bad(rows, [&](int64_t row) { return offsets[row + 1] < offsets[row]; });
  require<DataError>(falling == rows, "{}: row {}, counted from 0: sparse offsets decrease", set.name, falling);

  const int32_t* columns = sparse.columns.const_data_ptr<int32_t>();
  const float* values = sparse.values.const_data_ptr<float>();
  for (int64_t row = 0; row < rows; ++row) {
    int64_t previous = -1;
    for (int64_t e = offsets[row]; e < offsets[row + 1]; previous = columns[e++]) {
      require<DataError>(columns[e] > previous && columns[e] < sparse.width,
                         "{}: row {}, counted from 0: column {} after column {} of {}: columns must increase", set.name,
                         row, columns[e], previous, sparse.width);
      check_value(set, allowed, values[e], row, columns[e]);
    }
  }
}

void check_labels(const Dataset& set) {
  if (!set.has_labels()) return;
  require<DataError>(set.labels.scalar_type() == at::kLong && set.labels.dim() == 1 && set.labels.size(0) == set.size(),
                     "{}: {} labels for {} examples", set.name, set.labels.numel(), set.size());
  const auto names = static_cast<int64_t>(set.label_names.size());
  const int64_t low = set.labels.min().item<int64_t>(), high = set.labels.max().item<int64_t>();
  require<DataError>(low >= -1, "{}: label {} is negative; -1 alone stands for unknown", set.name, low);
  require<DataError>(names == 0 || high < names, "{}: label {} has no name; there are {}", set.name, high, names);
}

void check_factor(const Dataset& set, const Factor& factor) {
  require<DataError>(factor.values.defined() && factor.values.scalar_type() == at::kDouble &&
                         factor.values.dim() == 1 && factor.values.size(0) == set.size(),
                     "{}: factor '{}' does not have one float64 value per example", set.name, factor.name);
  require<DataError>(factor.values.isfinite().all().item<bool>(), "{}: factor '{}' has a value that is not finite",
                     set.name, factor.name);
  if (!factor.categorical) return;
  const auto classes = static_cast<double>(factor.value_names.size());
  const double low = factor.values.min().item<double>(), high = factor.values.max().item<double>();
  require<DataError>(low >= 0 && factor.values.equal(factor.values.floor()) && (classes == 0 || high < classes),
                     "{}: categorical factor '{}' has a value that is not a class index", set.name, factor.name);
}

}  // namespace

uint64_t Examples::bytes() const {
  if (!is_sparse()) return dense.nbytes();
  return sparse.offsets.nbytes() + sparse.columns.nbytes() + sparse.values.nbytes();
}

Tensor Examples::rows(const Tensor& indices) const {
  require<ArgumentError>(indices.scalar_type() == at::kLong && indices.dim() == 1,
                         "row indices must be a list of int64");
  const Tensor wanted = indices.cpu().contiguous();
  if (wanted.numel() > 0) {
    const auto [low, high] = at::aminmax(wanted);
    require<ArgumentError>(low.item<int64_t>() >= 0 && high.item<int64_t>() < size(),
                           "row indices {} to {} do not lie in 0 to {}", low.item<int64_t>(), high.item<int64_t>(),
                           size() - 1);
  }
  Tensor result = at::empty({wanted.size(0), width()}, at::kFloat);
  if (is_sparse())
    gather_sparse(sparse, wanted, result);
  else
    gather_dense(dense, wanted, result);
  return result;
}

std::string kind_name(Kind kind) {
  switch (kind) {
    case Kind::kImage:
      return "image";
    case Kind::kCounts:
      return "counts";
    case Kind::kText:
      return "text";
    case Kind::kTable:
      return "table";
  }
  throw ArgumentError("unknown kind of data");
}

Dataset Dataset::slice(int64_t first, int64_t last) const {
  require<ArgumentError>(0 <= first && first <= last && last <= size(), "rows {} to {} of '{}', which has {} rows",
                         first, last, name, size());
  Dataset part = *this;
  if (examples.is_sparse()) {
    const Tensor& offsets = examples.sparse.offsets;
    const int64_t begin = offsets[first].item<int64_t>(), end = offsets[last].item<int64_t>();
    part.examples.sparse.offsets = offsets.slice(0, first, last + 1) - begin;
    part.examples.sparse.columns = examples.sparse.columns.slice(0, begin, end);
    part.examples.sparse.values = examples.sparse.values.slice(0, begin, end);
  } else {
    part.examples.dense = examples.dense.slice(0, first, last);
  }
  if (has_labels()) part.labels = labels.slice(0, first, last);
  for (Factor& factor : part.factors)
    factor.values = factor.values.slice(0, first, last);
  if (!ids.empty()) part.ids = {ids.begin() + first, ids.begin() + last};
  part.train_count = std::clamp<int64_t>(train_count - first, 0, last - first);
  return part;
}

std::string Dataset::checksum() const {
  Checksum sum;
  const SparseRows& sparse = examples.sparse;
  const auto parts = examples.is_sparse() ? std::vector<Tensor>{sparse.offsets, sparse.columns, sparse.values}
                                          : std::vector<Tensor>{examples.dense};
  for (const Tensor& part : parts) {
    const Tensor bytes = part.contiguous();
    sum.update(bytes.const_data_ptr(), bytes.nbytes());
  }
  return sum.digest64();
}

std::vector<int64_t> blurred_columns(const Tensor& values) {
  if (values.scalar_type() != at::kDouble && values.scalar_type() != at::kInt) return {};
  constexpr double kCoarse = 16.0 * std::numeric_limits<float>::epsilon(), kRounding = 1e-12;
  const auto [low, high] = at::aminmax(values, /*dim=*/0);
  const Tensor spread = high.to(at::kDouble) - low.to(at::kDouble);
  const Tensor size = at::maximum(high.to(at::kDouble).abs(), low.to(at::kDouble).abs());
  const Tensor blurred = (spread.gt(size * kRounding) & spread.lt(size * kCoarse)).nonzero().flatten();
  return {blurred.const_data_ptr<int64_t>(), blurred.const_data_ptr<int64_t>() + blurred.size(0)};
}

void Dataset::check() const {
  check_layout(*this);
  check_counts(*this);
  require<DataError>(largest > 0 && std::isfinite(largest), "{}: the largest value is {}", name, largest);
  const Allowed allowed{kind == Kind::kImage, largest};
  if (examples.is_sparse())
    check_sparse(*this, allowed);
  else
    check_dense(*this, allowed);
  check_labels(*this);
  for (const Factor& factor : factors)
    check_factor(*this, factor);
}

}  // namespace cleave::data
