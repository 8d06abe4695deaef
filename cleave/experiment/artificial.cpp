#include "cleave/experiment/artificial.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cleave/analysis/generation.h"
#include "cleave/base/error.h"
#include "cleave/base/text.h"

namespace cleave::experiment {

namespace {

constexpr int64_t kBlock = 2'000;      // examples decoded at a time
constexpr int64_t kMostAttempts = 20;  // a class that is recognised less often than this has no place in a data set

/// Draws on the scale and in the type of the data as stored.
Tensor as_stored(const Tensor& x, const FittedModel& generator, const data::Dataset& dataset) {
  const Tensor values = generator.pipeline.inverse(x);
  const at::ScalarType type = dataset.examples.dense.scalar_type();
  if (at::isFloatingType(type)) return values.to(type);
  const double highest = type == at::kByte ? 255 : std::numeric_limits<int32_t>::max();
  return values.round().clamp(0, highest).to(type);
}

/// `count` draws that the generator names as the class it drew them of, as far as it takes.
analysis::LabelledSamples recognised_samples(model::Model& model, int64_t count, double spread,
                                             const Randomness& random) {
  at::NoGradGuard no_grad;
  const auto layer = model.facets().empty() ? 0 : static_cast<size_t>(model.facets()[0].layer);
  std::vector<Tensor> x, y;
  int64_t found = 0;
  for (int64_t attempt = 0; found < count; ++attempt) {
    require<ArgumentError>(attempt < kMostAttempts,
                           "--artificial-recognised: of {} draws the run recognises {}; draw without it",
                           attempt * count, found);
    const auto drawn = analysis::labelled_samples(model, count, spread, random.child(std::to_string(attempt)));
    const Tensor kept = model.infer(drawn.x).y.at(layer).eq(drawn.y).nonzero().flatten();
    x.push_back(drawn.x.index_select(0, kept));
    y.push_back(drawn.y.index_select(0, kept));
    found += kept.size(0);
  }
  return {at::cat(x).narrow(0, 0, count), at::cat(y).narrow(0, 0, count)};
}

/// The data set's numbers of the generator's classes, by their names.
Tensor classes_by_name(const FittedModel& generator, const data::Dataset& dataset) {
  const Tensor places = places_of(generator.class_names, dataset.label_names, /*absent=*/-1);
  const auto least = places.argmin().item<int64_t>();
  require<ArgumentError>(places[least].item<int64_t>() >= 0,
                         "--artificial: the run draws class '{}', but {} has the classes {}",
                         generator.class_names[static_cast<size_t>(least)], dataset.name, join(dataset.label_names));
  return places;
}

}  // namespace

data::Dataset with_artificial(data::Dataset dataset, const FittedModel& generator, const Artificial& artificial,
                              uint64_t seed) {
  dataset = generator.adapted(std::move(dataset));
  require<DataError>(!dataset.examples.is_sparse(), "{}: sparse examples cannot be replaced by drawn ones",
                     dataset.name);
  const auto count = static_cast<int64_t>(std::llround(artificial.share * static_cast<double>(dataset.size())));
  const Randomness random = Randomness(seed).child("artificial");
  const Tensor rows = at::randperm(dataset.size(), random.stream("rows"), at::kLong).narrow(0, 0, count);
  Tensor x = dataset.examples.dense.clone(),
         y = dataset.has_labels() ? dataset.labels.clone() : at::full({dataset.size()}, -1, at::kLong);
  const auto facets = generator.model->facets();
  const bool has_names = !facets.empty() && std::ssize(generator.class_names) == facets[0].clusters;
  const bool known_classes = !dataset.label_names.empty();
  const Tensor by_name = has_names && known_classes ? classes_by_name(generator, dataset) : Tensor();
  // Clusters without names are no classes of the data: beside those they are unknown, alone they go by number.
  const bool unknown = !has_names && known_classes && count < dataset.size();
  for (int64_t first = 0; first < count; first += kBlock) {
    const Tensor block = rows.narrow(0, first, std::min(kBlock, count - first));
    const auto drawn = (artificial.recognised ? recognised_samples : analysis::labelled_samples)(
        *generator.model, block.size(0), artificial.spread, random.child(std::to_string(first)));
    x.index_copy_(0, block, as_stored(drawn.x, generator, dataset));
    if (unknown)
      y.index_fill_(0, block, -1);
    else
      y.index_copy_(0, block, by_name.defined() ? by_name.index_select(0, drawn.y) : drawn.y);
  }
  if (!has_names && known_classes && !unknown) {
    dataset.label_names.clear();
    for (int64_t k = 0; k < facets[0].clusters; ++k)
      dataset.label_names.push_back(std::to_string(k));
  }
  for (data::Factor& factor : dataset.factors)
    factor.values = factor.values.index_fill(0, rows, std::numeric_limits<double>::quiet_NaN());
  dataset.examples.dense = x;
  dataset.labels = y;
  return dataset;
}

}  // namespace cleave::experiment
