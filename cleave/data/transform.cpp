#include "cleave/data/transform.h"

#include <numeric>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/base/text.h"

namespace cleave::data {

namespace {

constexpr int64_t kBlockValues = 1 << 22;  // 16 MiB of float32

Tensor number(double value) {
  return at::full({}, value, at::kDouble);
}

// Throws DataError naming the first value of the data that is not allowed.
void require_values(const Source& source, const char* what, const std::function<Tensor(const Tensor&)>& allowed) {
  source.each_block([&](const Tensor& x, int64_t first) {
    const Tensor bad = allowed(x).logical_not();
    if (!bad.any().item<bool>()) return;
    const int64_t at = bad.flatten().to(at::kByte).argmax().item<int64_t>();
    throw DataError(fmt::format("{}: row {} column {}, counted from 0: {} {}", source.dataset.name,
                                first + at / x.size(1), at % x.size(1), x.flatten()[at].item<float>(), what));
  });
}

State keep_nothing(const Source&, const Randomness&) {
  return {};
}
Tensor lose_nothing(const Tensor& x, const State&) {
  return x;
}
Tensor change_nothing(const Tensor& x, const State&, const Rows&) {
  return x;
}

// unit and dec: one factor for all values -----------------------------------------------------------------------------

State fit_unit(const Source& source, const Randomness&) {
  require<DataError>(source.dataset.kind == Kind::kImage,
                     "{}: 'unit' divides by the value of full intensity, which only images have; this is a data set of "
                     "kind {}: try 'standardise'",
                     source.dataset.name, kind_name(source.dataset.kind));
  return {{"scale", number(1 / source.dataset.largest)}};
}

State fit_dec(const Source& source, const Randomness&) {
  double squares = 0;
  source.each_block([&](const Tensor& x, int64_t) { squares += x.square().sum(at::kDouble).item<double>(); });
  require<DataError>(squares > 0, "{}: 'dec' cannot scale data that are all zero", source.dataset.name);
  const auto values = static_cast<double>(source.dataset.size()) * static_cast<double>(source.dataset.width());
  return {{"scale", number(std::sqrt(values / squares))}};
}

Tensor scale(const Tensor& x, const State& state, const Rows&) {
  return x * state.at("scale").item<double>();
}
Tensor unscale(const Tensor& x, const State& state) {
  return x / state.at("scale").item<double>();
}

// standardise ---------------------------------------------------------------------------------------------------------

void refuse_blurred_columns(const Dataset& set) {
  if (set.examples.is_sparse()) return;
  for (int64_t column : blurred_columns(set.examples.dense)) {
    const Tensor values = set.examples.dense.select(1, column).to(at::kDouble);
    throw DataError(fmt::format(
        "{}: column {}{}, counted from 0: its values, {} to {}, lie too close together for their size, of which single "
        "precision holds seven digits; subtract a constant from the column, or leave it out",
        set.name, column, set.feature_names.empty() ? "" : fmt::format(" ({})", set.feature_names[column]),
        values.min().item<double>(), values.max().item<double>()));
  }
}

// Means and sums of squared deviations, merged block by block (Chan, Golub, LeVeque 1983).
State fit_standardise(const Source& source, const Randomness&) {
  refuse_blurred_columns(source.dataset);
  Tensor mean = at::zeros({source.dataset.width()}, at::kDouble), squares = at::zeros_like(mean);
  double count = 0;
  source.each_block([&](const Tensor& block, int64_t) {
    const Tensor x = block.to(at::kDouble);
    const auto added = static_cast<double>(x.size(0));
    const Tensor block_mean = x.mean(0), step = block_mean - mean;
    squares += (x - block_mean).square().sum(0) + step.square() * (count * added / (count + added));
    mean += step * (added / (count + added));
    count += added;
  });
  Tensor deviation = (squares / count).sqrt();
  // What single precision cannot tell from a constant is one.
  using Single = std::numeric_limits<float>;
  deviation.masked_fill_((deviation <= mean.abs() * Single::epsilon()).logical_or(deviation < Single::min()), 0);
  return {{"mean", mean.to(at::kFloat)}, {"deviation", deviation.to(at::kFloat)}};
}

Tensor standardise(const Tensor& x, const State& state, const Rows&) {
  const Tensor& deviation = state.at("deviation");
  return (x - state.at("mean")) * at::where(deviation > 0, deviation.reciprocal(), 0);
}

Tensor unstandardise(const Tensor& x, const State& state) {
  return x * state.at("deviation") + state.at("mean");
}

// Rows: l2 and size-factor; sums in double, so that a row comes out the same in any batch -----------------------------

Tensor unit_rows(const Tensor& x, const State&, const Rows&) {
  const Tensor norm = x.square().sum(1, /*keepdim=*/true, at::kDouble).sqrt();
  return x * at::where(norm > 0, norm.reciprocal(), 0).to(at::kFloat);
}

Tensor totals(const Tensor& x) {
  return x.sum(1, /*keepdim=*/true, at::kDouble);
}

State fit_size_factor(const Source& source, const Randomness&) {
  require_values(source, "is negative: 'size-factor' takes counts", [](const Tensor& x) { return x >= 0; });
  std::vector<Tensor> parts;
  source.each_block([&](const Tensor& x, int64_t) { parts.push_back(totals(x)); });
  const Tensor all = at::cat(parts);
  require<DataError>(all.max().item<double>() > 0, "{}: 'size-factor' cannot divide: every row total is 0",
                     source.dataset.name);
  return {{"median", all.masked_select(all > 0).median()}};
}

Tensor divide_by_size_factor(const Tensor& x, const State& state, const Rows&) {
  const Tensor total = totals(x);
  return x * at::where(total > 0, state.at("median") / total, 0).to(at::kFloat);
}

// log1p ---------------------------------------------------------------------------------------------------------------

State fit_log1p(const Source& source, const Randomness&) {
  require_values(source, "is negative: 'log1p' takes counts; list it before 'standardise'",
                 [](const Tensor& x) { return x >= 0; });
  return {};
}

// Binarisation --------------------------------------------------------------------------------------------------------

State fit_threshold(const Source& source, const Randomness&) {
  require_values(source, "is outside [0, 1]: binarisation takes intensities; list it after 'unit'",
                 [](const Tensor& x) { return (x >= 0).logical_and(x <= 1); });
  return {};
}

Tensor threshold(const Tensor& x, const State&, const Rows&) {
  return (x > 0.5).to(at::kFloat);
}

State fit_binarise(const Source& source, const Randomness& random) {
  fit_threshold(source, random);
  return {{"seed", at::full({}, static_cast<int64_t>(random.bits("binarise")), at::kLong)}};
}

// One Bernoulli draw per pixel with the pixel as its probability: a pure function of (seed, epoch, row, pixel).
Tensor binarise(const Tensor& given, const State& state, const Tensor& indices, int64_t epoch) {
  const Tensor x = given.contiguous(), rows = indices.cpu().contiguous();
  Tensor drawn = at::empty_like(x);
  const Randomness random =
      Randomness(static_cast<uint64_t>(state.at("seed").item<int64_t>())).child("epoch", static_cast<uint64_t>(epoch));
  const int64_t width = x.size(1);
  const int64_t* row = rows.const_data_ptr<int64_t>();
  const float* probability = x.const_data_ptr<float>();
  float* out = drawn.mutable_data_ptr<float>();
  at::parallel_for(0, x.size(0), /*grain_size=*/16, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      Sequence uniform(random.bits("row", static_cast<uint64_t>(row[i])));
      for (int64_t j = i * width; j < (i + 1) * width; ++j)
        out[j] = uniform.uniform() < probability[j] ? 1.0f : 0.0f;
    }
  });
  return drawn;
}

// ---------------------------------------------------------------------------------------------------------------------

bool always(bool) {
  return true;
}
bool never(bool) {
  return false;
}
bool as_before(bool before) {
  return before;
}

const std::vector<Transform>& transforms() {
  static const std::vector<Transform> all = {
      {"none", {}, keep_nothing, change_nothing, lose_nothing, as_before},
      {"unit", {"scale"}, fit_unit, scale, unscale, always},
      {"dec", {"scale"}, fit_dec, scale, unscale, never},
      {"l2", {}, keep_nothing, unit_rows, lose_nothing, as_before},
      {"standardise", {"mean", "deviation"}, fit_standardise, standardise, unstandardise, never},
      {"size-factor", {"median"}, fit_size_factor, divide_by_size_factor, lose_nothing, never},
      {"log1p",
       {},
       fit_log1p,
       [](const Tensor& x, const State&, const Rows&) { return x.log1p(); },
       [](const Tensor& x, const State&) { return x.expm1(); },
       as_before},
      {"threshold", {}, fit_threshold, threshold, lose_nothing, always},
      {"static",
       {"seed"},
       fit_binarise,
       [](const Tensor& x, const State& state, const Rows& rows) { return binarise(x, state, rows.indices, 0); },
       lose_nothing,
       always},
      {"dynamic",
       {"seed"},
       fit_binarise,
       [](const Tensor& x, const State& state, const Rows& rows) {
         return binarise(x, state, rows.indices, rows.epoch);
       },
       lose_nothing,
       always},
  };
  return all;
}

}  // namespace

void Source::each_block(const std::function<void(const Tensor&, int64_t)>& use) const {
  const int64_t size = dataset.size(), step = std::max<int64_t>(1, kBlockValues / dataset.width());
  for (int64_t first = 0; first < size; first += step) {
    const Tensor indices = at::arange(first, std::min(size, first + step), at::kLong);
    use(before(dataset.examples.rows(indices), {indices}), first);
  }
}

const Transform& find_transform(const std::string& name) {
  std::vector<std::string> known;
  for (const Transform& transform : transforms()) {
    if (transform.name == name) return transform;
    known.push_back(transform.name);
  }
  throw ArgumentError(unknown_name("transform", name, known));
}

}  // namespace cleave::data
