#include "cleave/experiment/artificial.h"

#include <cmath>
#include <limits>

#include "cleave/analysis/generation.h"
#include "cleave/base/error.h"

namespace cleave::experiment {

namespace {

constexpr int64_t kBlock = 2'000;  // examples decoded at a time

/// Draws on the scale and in the type of the data as stored.
Tensor as_stored(const Tensor& x, const FittedModel& generator, const data::Dataset& dataset) {
  const Tensor values = generator.pipeline.inverse(x);
  const at::ScalarType type = dataset.examples.dense.scalar_type();
  if (at::isFloatingType(type)) return values.to(type);
  const double highest = type == at::kByte ? 255 : std::numeric_limits<int32_t>::max();
  return values.round().clamp(0, highest).to(type);
}

}  // namespace

data::Dataset with_artificial(data::Dataset dataset, const FittedModel& generator, double share, double spread,
                              uint64_t seed) {
  generator.check_fits(dataset);
  require<DataError>(!dataset.examples.is_sparse(), "{}: sparse examples cannot be replaced by drawn ones",
                     dataset.name);
  const auto count = static_cast<int64_t>(std::llround(share * static_cast<double>(dataset.size())));
  const Randomness random = Randomness(seed).child("artificial");
  const Tensor rows = at::randperm(dataset.size(), random.stream("rows"), at::kLong).narrow(0, 0, count);
  Tensor x = dataset.examples.dense.clone(),
         y = dataset.has_labels() ? dataset.labels.clone() : at::full({dataset.size()}, -1, at::kLong);
  for (int64_t first = 0; first < count; first += kBlock) {
    const Tensor block = rows.narrow(0, first, std::min(kBlock, count - first));
    const auto drawn =
        analysis::labelled_samples(*generator.model, block.size(0), spread, random.child(std::to_string(first)));
    x.index_copy_(0, block, as_stored(drawn.x, generator, dataset));
    y.index_copy_(0, block, drawn.y);
  }
  const auto classes = static_cast<int64_t>(dataset.label_names.size());
  const int64_t highest = count > 0 ? y.max().item<int64_t>() : -1;
  require<ArgumentError>(classes == 0 || highest < classes,
                         "--artificial: the run draws class {}, but {} has {} classes", highest, dataset.name, classes);
  for (data::Factor& factor : dataset.factors)
    factor.values = factor.values.index_fill(0, rows, std::numeric_limits<double>::quiet_NaN());
  dataset.examples.dense = x;
  dataset.labels = y;
  return dataset;
}

}  // namespace cleave::experiment
