#include "cleave/metrics/disentanglement.h"

#include <algorithm>
#include <cmath>

#include "cleave/base/error.h"
#include "cleave/classical/boosted_trees.h"
#include "cleave/metrics/agreement.h"

namespace cleave::metrics {

namespace {

int64_t class_count(const FactorClasses& factor) {
  return factor.classes.max().item<int64_t>() + 1;
}

void check(const Tensor& codes, const std::vector<FactorClasses>& factors) {
  require<ArgumentError>(codes.dim() == 2 && codes.size(0) > 1 && codes.size(1) > 0 && !factors.empty(),
                         "disentanglement: codes [N, D] and at least one factor are needed");
  require<DataError>(at::isfinite(codes).all().item<bool>(), "disentanglement: the codes are not finite");
  for (const FactorClasses& factor : factors) {
    require<ArgumentError>(factor.classes.dim() == 1 && factor.classes.size(0) == codes.size(0) &&
                               factor.classes.scalar_type() == at::kLong && factor.classes.min().item<int64_t>() >= 0,
                           "disentanglement: the classes of '{}' must be [{}] int64 from 0", factor.name,
                           codes.size(0));
    require<ArgumentError>(factor.classes.min().item<int64_t>() < factor.classes.max().item<int64_t>(),
                           "disentanglement: '{}' has one value only", factor.name);
  }
}

/// Bins 0 to 19 of equal width between the smallest and the largest value.
Tensor binned(const Tensor& values) {
  constexpr int64_t kBins = 20;
  auto low = values.min().item<double>(), high = values.max().item<double>();
  if (low == high) return at::zeros_like(values, at::kLong);
  Tensor edges = at::linspace(low, high, kBins + 1, at::kDouble).slice(0, 0, kBins);
  return at::searchsorted(edges, values.contiguous(), /*out_int32=*/false, /*right=*/true) - 1;
}

/// Mean over the columns of [D, F] of the largest entry less the second, each column divided by its scale.
double mean_gap(const Tensor& scores, const Tensor& scales) {
  Tensor sorted = std::get<0>(at::cat({scores, at::zeros({1, scores.size(1)}, at::kDouble)}).sort(0, true));
  return ((sorted[0] - sorted[1]) / scales).mean().item<double>();
}

/// A split of N rows: two thirds to learn from, the others to judge.
struct Halves {
  Tensor train, test;  ///< rows, int64
};
Halves split(int64_t n, int64_t most, const Randomness& random) {
  Tensor order = at::randperm(n, random.stream("split"), at::kLong).slice(0, 0, std::min(n, most));
  int64_t count = order.size(0), learn = std::max<int64_t>(1, count * 2 / 3);
  return {order.slice(0, 0, learn), order.slice(0, std::min(learn, count - 1))};
}

/// w x + b of least  (w^2 + b^2) / 2 + sum_i c_i max(0, 1 - y_i (w x_i + b))^2,  by Newton's method.
struct Line {
  double slope = 0, offset = 0;
};
Line squared_hinge(const Tensor& x, const Tensor& y, const Tensor& costs) {
  Line line;
  auto objective = [&](const Line& at_line) {
    Tensor margin = (1 - y * (at_line.slope * x + at_line.offset)).clamp_min(0);
    return 0.5 * (at_line.slope * at_line.slope + at_line.offset * at_line.offset) +
           (costs * margin.square()).sum().item<double>();
  };
  double value = objective(line);
  for (int iteration = 0; iteration < 50; ++iteration) {
    Tensor margin = 1 - y * (line.slope * x + line.offset);
    Tensor active = costs * (margin > 0);
    Tensor pull = 2 * active * y * margin;
    double g_w = line.slope - (pull * x).sum().item<double>(), g_b = line.offset - pull.sum().item<double>();
    double h_ww = 1 + 2 * (active * x * x).sum().item<double>(), h_wb = 2 * (active * x).sum().item<double>();
    double h_bb = 1 + 2 * active.sum().item<double>();
    double determinant = h_ww * h_bb - h_wb * h_wb;
    double step_w = (h_bb * g_w - h_wb * g_b) / determinant, step_b = (h_ww * g_b - h_wb * g_w) / determinant;
    double rate = 1, next = 0;
    for (; rate > 1e-6; rate /= 2) {
      next = objective({line.slope - rate * step_w, line.offset - rate * step_b});
      if (next <= value) break;
    }
    line = {line.slope - rate * step_w, line.offset - rate * step_b};
    if (value - next <= 1e-12 * value) break;
    value = next;
  }
  return line;
}

/// Accuracy of one line per class against the rest, learned on `train` and judged on `test`: a linear support vector
/// machine with C = 0.01 and classes weighed against their frequency.
double line_accuracy(const Tensor& x, const Tensor& classes, const Halves& rows) {
  constexpr double kCost = 0.01;
  Tensor learn = x.index_select(0, rows.train), label = classes.index_select(0, rows.train);
  Tensor judge = x.index_select(0, rows.test);
  const int64_t count = classes.max().item<int64_t>() + 1, n = learn.size(0);
  Tensor sizes = label.bincount({}, count);
  const double present = sizes.gt(0).sum().item<double>();
  auto weight = [&](int64_t k) { return static_cast<double>(n) / (present * sizes[k].item<double>()); };
  Tensor scores = at::full({count, judge.size(0)}, -std::numeric_limits<double>::infinity(), at::kDouble);
  for (int64_t k = 0; k < count; ++k) {
    if (sizes[k].item<int64_t>() == 0) continue;
    Tensor own = label == k;
    double others = count == 2 ? weight(1 - k) : 1;
    Tensor costs = kCost * at::where(own, at::scalar_tensor(weight(k), at::kDouble), others);
    Line line = squared_hinge(learn, own.to(at::kDouble) * 2 - 1, costs);
    scores[k] = line.slope * judge + line.offset;
  }
  return (scores.argmax(0) == classes.index_select(0, rows.test)).to(at::kDouble).mean().item<double>();
}

}  // namespace

Tensor classes_of(const Tensor& values, int64_t bins) {
  auto [distinct, classes, counts] =
      at::_unique2(values, /*sorted=*/true, /*return_inverse=*/true, /*return_counts=*/true);
  if (distinct.size(0) <= bins) return classes;
  // Equal values stay together: a value's class is where its middle rank falls.
  Tensor last = counts.cumsum(0), middle = last - (counts + 1) / 2;
  Tensor of_value = (middle * bins).floor_divide(values.size(0));
  return std::get<1>(at::_unique2(of_value.index_select(0, classes), true, true));
}

Tensor mutual_information_matrix(const Tensor& codes, const std::vector<FactorClasses>& factors) {
  check(codes, factors);
  Tensor information = at::zeros({codes.size(1), static_cast<int64_t>(factors.size())}, at::kDouble);
  for (int64_t d = 0; d < codes.size(1); ++d) {
    Tensor bins = binned(codes.select(1, d).to(at::kDouble));
    for (size_t f = 0; f < factors.size(); ++f)
      information[d][static_cast<int64_t>(f)] = mutual_information(cross_tabulate(bins, factors[f].classes));
  }
  return information;
}

double mutual_information_gap(const Tensor& information, const std::vector<FactorClasses>& factors) {
  std::vector<double> entropies;
  for (const FactorClasses& factor : factors)
    entropies.push_back(mutual_information(cross_tabulate(factor.classes, factor.classes)));
  return mean_gap(information, at::tensor(entropies, at::kDouble));
}

double modularity(const Tensor& information) {
  if (information.size(1) < 2) return information.gt(0).to(at::kDouble).mean().item<double>();
  Tensor squares = information.square(), largest = squares.amax(1);
  Tensor rest = (squares.sum(1) - largest) / (largest * static_cast<double>(information.size(1) - 1));
  return at::where(largest > 0, 1 - rest, 0.0).mean().item<double>();
}

Tensor attribute_accuracies(const Tensor& codes, const std::vector<FactorClasses>& factors, const Tensor& train,
                            const Tensor& test) {
  check(codes, factors);
  Tensor scores = at::zeros({codes.size(1), static_cast<int64_t>(factors.size())}, at::kDouble);
  for (int64_t d = 0; d < codes.size(1); ++d) {
    for (size_t f = 0; f < factors.size(); ++f)
      scores[d][static_cast<int64_t>(f)] =
          line_accuracy(codes.select(1, d).to(at::kDouble), factors[f].classes, {train, test});
  }
  return scores;
}

double separated_attribute_predictability(const Tensor& codes, const std::vector<FactorClasses>& factors,
                                          const Randomness& random) {
  const Halves rows = split(codes.size(0), /*most=*/15'000, random);
  Tensor scores = attribute_accuracies(codes, factors, rows.train, rows.test);
  return mean_gap(scores, at::ones({scores.size(1)}, at::kDouble));
}

double factor_vae_score(const Tensor& given, const std::vector<FactorClasses>& factors, const Randomness& random) {
  constexpr int64_t kBatch = 64, kLearn = 10'000, kJudge = 5'000;
  constexpr double kLeastSpread = 0.05;  // beside the dimension that varies most: others are noise
  check(given, factors);
  Tensor codes = given.to(at::kDouble), spread = codes.std(0);
  if (spread.max().item<double>() == 0) return 0;
  codes = codes.index_select(1, (spread >= kLeastSpread * spread.max()).nonzero().flatten());
  codes = codes / codes.std(0);
  at::Generator generator = random.stream("factor-vae");
  const int64_t n = codes.size(0), count = static_cast<int64_t>(factors.size());
  Tensor votes = at::zeros({2, count, codes.size(1)}, at::kDouble);  // to learn from, to judge
  std::vector<std::pair<Tensor, Tensor>> members;                    // of each factor: rows by class, where each begins
  for (const FactorClasses& factor : factors) {
    Tensor sizes = factor.classes.bincount({}, class_count(factor));
    members.emplace_back(factor.classes.argsort(/*stable=*/true, 0, false), sizes.cumsum(0) - sizes);
  }
  Tensor chosen = at::randint(count, {kLearn + kJudge}, generator, at::kLong);
  Tensor examples = at::randint(n, {kLearn + kJudge}, generator, at::kLong);
  for (int64_t vote = 0; vote < kLearn + kJudge; ++vote) {
    auto f = chosen[vote].item<int64_t>();
    const auto& [rows, begins] = members[static_cast<size_t>(f)];
    const Tensor& classes = factors[static_cast<size_t>(f)].classes;
    auto value = classes[examples[vote].item<int64_t>()].item<int64_t>();
    int64_t first = begins[value].item<int64_t>();
    int64_t last = value + 1 < begins.size(0) ? begins[value + 1].item<int64_t>() : n;
    Tensor batch =
        codes.index_select(0, rows.index_select(0, at::randint(first, last, {kBatch}, generator, at::kLong)));
    votes[vote >= kLearn][f][batch.var(0).argmin()] += 1;
  }
  Tensor answers = votes[0].argmax(0);  // the factor that each dimension stands for
  return votes[1].gather(0, answers.unsqueeze(0)).sum().item<double>() / kJudge;
}

Dci entropies_of_importance(const Tensor& importance) {
  // 1 - H / log(count) of each row, the mean weighed by the rows' sums.
  auto mean_of_rows = [](const Tensor& rows) {
    Tensor sums = rows.sum(1), weights = sums.sum().item<double>() > 0 ? sums / sums.sum() : at::ones_like(sums);
    if (rows.size(1) == 1) return sums.gt(0).any().item<double>();
    Tensor p = rows + 1e-11;
    p = p / p.sum(1, /*keepdim=*/true);
    Tensor entropy = -(p * p.log()).sum(1) / std::log(static_cast<double>(rows.size(1)));
    return ((1 - entropy) * weights).sum().item<double>();
  };
  Dci result;
  result.importance = importance;
  result.disentanglement = mean_of_rows(importance);
  result.completeness = mean_of_rows(importance.t());
  return result;
}

Dci disentanglement_completeness_informativeness(const Tensor& codes, const std::vector<FactorClasses>& factors,
                                                 const Randomness& random, int64_t most,
                                                 const classical::ShouldStop& should_stop) {
  check(codes, factors);
  const Halves rows = split(codes.size(0), most, random);
  Tensor x = codes.to(at::kDouble), learn = x.index_select(0, rows.train), judge = x.index_select(0, rows.test);
  Tensor importance = at::zeros({codes.size(1), static_cast<int64_t>(factors.size())}, at::kDouble);
  double right = 0;
  for (size_t f = 0; f < factors.size(); ++f) {
    const Tensor& classes = factors[f].classes;
    auto trees = classical::boost(learn, classes.index_select(0, rows.train), judge, {}, should_stop);
    importance.select(1, static_cast<int64_t>(f)).copy_(trees.importance);
    Tensor hits = trees.test_predicted == classes.index_select(0, rows.test);
    right += hits.to(at::kDouble).mean().item<double>();
  }
  Dci result = entropies_of_importance(importance);
  result.informativeness = right / static_cast<double>(factors.size());
  return result;
}

}  // namespace cleave::metrics
