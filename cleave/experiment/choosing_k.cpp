#include "cleave/experiment/choosing_k.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include <ATen/Parallel.h>

#include "cleave/analysis/answers.h"
#include "cleave/base/error.h"
#include "cleave/base/threads.h"
#include "cleave/classical/gaussian_mixture.h"
#include "cleave/classical/kmeans.h"
#include "cleave/classical/pca.h"
#include "cleave/metrics/agreement.h"
#include "cleave/metrics/silhouette.h"

namespace cleave::experiment {

namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr double kStable = 0.9;                // of the best stability
constexpr double kAsStable = 0.01;             // differences of stability below this are chance
constexpr int64_t kWide = 2500;                // columns beyond which principal axes are approximate
constexpr int64_t kSpare = 10;                 // further directions that make the wanted ones exact
constexpr int64_t kSampledSilhouettes = 2000;  // its cost grows with the square

/// The rows in a few dimensions that hold nearly all that the first `dimensions` principal axes do: subspace iteration
/// (Halko, Martinsson, Tropp 2011). For rows so wide that exact axes would take longer than all the rest.
Tensor narrowed(const Tensor& x, int64_t dimensions, const Randomness& random) {
  constexpr int64_t kRounds = 5;
  ThreadScope alone(1);  // products of so few columns round differently for another number of threads
  Tensor centred = x - x.mean(0);
  Tensor basis = at::randn({x.size(1), dimensions + kSpare}, random.stream("subspace"));
  for (int64_t round = 0; round < kRounds; ++round)
    basis = std::get<0>(at::linalg_qr(centred.t().mm(centred.mm(basis))));
  return centred.mm(basis);
}

/// A sample of the examples, [n, X] float32.
Tensor sample_of(const Tensor& data, const ChoosingOptions& options) {
  Tensor x = classical::checked_matrix(data, "choosing the number of clusters").to(at::kFloat);
  x = x.index_select(0, analysis::stratified_rows(x.size(0), options.most_examples));
  require<DataError>(at::isfinite(x.sum()).item<bool>(),
                     "choosing the number of clusters: the data hold values that are not finite or too large");
  return x;
}

/// The rows of x [n, X] along their principal axes, [n, D].
Tensor along_axes(Tensor x, const ChoosingOptions& options, const Randomness& random) {
  if (x.size(1) > kWide && x.size(0) > options.most_dimensions + kSpare)
    x = narrowed(x, options.most_dimensions, random);
  return classical::fit_pca(x, std::min({x.size(0), x.size(1), options.most_dimensions})).transform(x);
}

/// Different rows of `rows` [n, X] float32, counted up to `enough`.
int64_t different_rows(const Tensor& rows, int64_t enough) {
  const Tensor x = rows + 0;  // -0 is 0
  std::set<std::string_view> seen;
  const auto bytes = static_cast<size_t>(x.size(1)) * sizeof(float);
  for (int64_t i = 0; i < x.size(0) && static_cast<int64_t>(seen.size()) < enough; ++i)
    seen.emplace(reinterpret_cast<const char*>(x.const_data_ptr<float>() + i * x.size(1)), bytes);
  return static_cast<int64_t>(seen.size());
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double value : values)
    sum += value;
  return sum / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
  double sum = 0, middle = mean(values);
  for (double value : values)
    sum += (value - middle) * (value - middle);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

/// Everything about one sample.
class Judge {
 public:
  Judge(Tensor x, const ChoosingOptions& options, const Randomness& random) : x_(std::move(x)), random_(random) {
    // Boxes without clusters, along the axes in which x lies.
    Tensor low = std::get<0>(x_.min(0)), high = std::get<0>(x_.max(0));
    for (int64_t b = 0; b < options.references; ++b) {
      Tensor unit = at::rand(x_.sizes(), random.stream("reference", static_cast<uint64_t>(b)));
      references_.push_back(low + unit * (high - low));
    }
    for (int64_t b = 0; b < options.bootstraps; ++b) {
      at::Generator generator = random.stream("bootstrap", static_cast<uint64_t>(b));
      resampled_.push_back(x_.index_select(0, at::randint(x_.size(0), {x_.size(0)}, generator, at::kLong)));
    }
  }

  /// One more number of clusters for every criterion. Fits of small data are quickest one on each thread.
  void judge(int64_t clusters) {
    const size_t references = references_.size(), bootstraps = resampled_.size();
    classical::KMeansResult fit;
    double width = kNothing, diagonal = 0, full = 0;
    std::vector<double> logs(references);
    std::vector<Tensor> labels(bootstraps);
    std::vector<std::function<void()>> jobs;
    jobs.emplace_back([&] { full = bic(clusters, classical::Covariance::kFull); });
    for (size_t b = 0; b < references; ++b) {
      jobs.emplace_back([&, b] {
        auto reference = cluster(references_[b], clusters, 1, "reference", static_cast<int64_t>(b));
        logs[b] = std::log(reference.assignment.inertia);
      });
    }
    for (size_t b = 0; b < bootstraps; ++b) {
      jobs.emplace_back([&, b] {
        auto resampled = cluster(resampled_[b], clusters, 1, "bootstrap", static_cast<int64_t>(b));
        labels[b] = classical::assign(x_, resampled.centres).labels;
      });
    }
    jobs.emplace_back([&] { diagonal = bic(clusters, classical::Covariance::kDiagonal); });
    jobs.emplace_back([&] {
      fit = cluster(x_, clusters, 3, "clusters");
      auto silhouette = metrics::silhouette(x_, fit.assignment.labels, random_, kSampledSilhouettes);
      if (silhouette) width = silhouette->mean;
    });
    at::parallel_for(0, static_cast<int64_t>(jobs.size()), 1, [&](int64_t begin, int64_t end) {
      for (int64_t job = begin; job < end; ++job)
        jobs[static_cast<size_t>(job)]();
    });
    silhouettes.push_back(width);
    gaps.push_back(mean(logs) - std::log(fit.assignment.inertia));
    gap_errors.push_back(deviation(logs) * std::sqrt(1 + 1 / static_cast<double>(references)));
    bics.push_back(std::min(diagonal, full));
    judge_stability(clusters, labels);
  }

  std::vector<double> silhouettes, gaps, gap_errors, bics, stabilities, stability_errors;

 private:
  classical::KMeansResult cluster(const Tensor& x, int64_t clusters, int64_t restarts, const char* name,
                                  int64_t counter = 0) const {
    return classical::kmeans(x, {.clusters = clusters, .restarts = restarts, .max_iterations = 50, .tolerance = 1e-3},
                             random_.child(name, static_cast<uint64_t>(counter)));
  }

  double bic(int64_t clusters, classical::Covariance covariance) const {
    if (covariance == classical::Covariance::kFull && !bears_full_covariances(x_, clusters))
      return std::numeric_limits<double>::infinity();
    auto fit =
        classical::fit_gaussian_mixture(x_,
                                        {.components = clusters,
                                         .covariance = covariance,
                                         .max_iterations = 50,
                                         .tolerance = 1e-3,
                                         .variance_floor = 1e-3 * x_.var(0, /*unbiased=*/false).mean().item<double>()},
                                        random_.child("mixture"));
    return fit.bic(x_.size(0));
  }

  void judge_stability(int64_t clusters, const std::vector<Tensor>& labels) {
    if (clusters == 1) {  // every clustering into one cluster is the same
      stabilities.push_back(kNothing);
      stability_errors.push_back(kNothing);
      return;
    }
    const size_t count = labels.size();
    std::vector<double> all, of_each(count);  // a pair counts for both its ends
    for (size_t a = 0; a < count; ++a) {
      for (size_t b = 0; b < a; ++b) {
        all.push_back(metrics::adjusted_rand_index(metrics::cross_tabulate(labels[a], labels[b])));
        of_each[a] += all.back() / static_cast<double>(count - 1);
        of_each[b] += all.back() / static_cast<double>(count - 1);
      }
    }
    stabilities.push_back(mean(all));
    stability_errors.push_back(deviation(of_each) / std::sqrt(static_cast<double>(count)));
  }

  Tensor x_;
  Randomness random_;
  std::vector<Tensor> references_, resampled_;
};

/// Place of the largest finite value.
std::optional<size_t> largest(const std::vector<double>& values) {
  std::optional<size_t> best;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i]) && (!best || values[i] > values[*best])) best = i;
  }
  return best;
}

std::optional<int64_t> number_at(const std::vector<int64_t>& tried, std::optional<size_t> place, bool all) {
  // The largest number tried may stand for any beyond it, unless there is none.
  if (!place || (*place + 1 >= tried.size() && !all)) return std::nullopt;
  return tried[*place];
}

/// `all`: whether more clusters than were tried cannot be.
std::vector<Criterion> criteria_of(const Judge& judge, const std::vector<int64_t>& tried, bool all) {
  std::optional<size_t> gap;
  for (size_t i = 0; i + 1 < tried.size() && !gap; ++i) {
    if (judge.gaps[i] >= judge.gaps[i + 1] - judge.gap_errors[i + 1]) gap = i;
  }
  std::vector<double> likelihood = judge.bics;
  for (double& value : likelihood)
    value = -value;
  std::optional<size_t> stable, most_stable = largest(judge.stabilities);
  for (size_t i = 0; most_stable && i < tried.size(); ++i) {
    const double value = judge.stabilities[i], before = i > 0 ? judge.stabilities[i - 1] : kNothing;
    if (value >= kStable * judge.stabilities[*most_stable] && !(value < before - kAsStable)) stable = i;
  }
  return {
      {"silhouette", judge.silhouettes, {}, number_at(tried, largest(judge.silhouettes), all), "where it is largest"},
      {"gap", judge.gaps, judge.gap_errors, number_at(tried, gap, all),
       "the least number whose gap is within a standard error of the next one's"},
      {"BIC", judge.bics, {}, number_at(tried, largest(likelihood), all), "where it is smallest"},
      {"stability", judge.stabilities, judge.stability_errors, number_at(tried, stable, all),
       "the largest number within a tenth of the best that is no less stable than the one before it"}};
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

/// Sets `chosen` and `reason` from what the criteria favour.
void decide(ChoiceOfK& choice) {
  std::map<int64_t, std::vector<std::string>> votes;
  std::vector<int64_t> favoured;
  auto vote = [&](const std::string& name, int64_t clusters) {
    votes[clusters].push_back(name);
    favoured.push_back(clusters);
  };
  for (const Criterion& criterion : choice.criteria) {
    if (criterion.favours) vote(criterion.name, *criterion.favours);
  }
  for (const OwnCount& count : choice.counts) {
    if (count.clusters > 0) vote(count.name, count.clusters);
  }
  if (favoured.empty()) {
    choice.chosen = choice.tried.back();
    choice.reason = fmt::format("{} clusters, the most that were tried: no criterion favours fewer", choice.chosen);
    return;
  }
  auto most = std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();  // of equals the smaller number
  });
  if (most->second.size() >= 2 || favoured.size() == 1) {
    choice.chosen = most->first;
    choice.reason = fmt::format("{} cluster{}, as {} favour{}", choice.chosen, choice.chosen == 1 ? "" : "s",
                                listed(most->second), most->second.size() == 1 ? "s" : "");
    return;
  }
  std::sort(favoured.begin(), favoured.end());
  const size_t middle = favoured.size() / 2;
  choice.chosen = favoured.size() % 2 == 1 ? favoured[middle] : (favoured[middle - 1] + favoured[middle]) / 2;
  std::vector<std::string> numbers;
  for (int64_t clusters : favoured)
    numbers.push_back(std::to_string(clusters));
  choice.reason = fmt::format("{} cluster{}, the median of {}: no two criteria agree", choice.chosen,
                              choice.chosen == 1 ? "" : "s", listed(numbers));
}

}  // namespace

bool bears_full_covariances(const Tensor& x, int64_t clusters) {
  return x.size(0) >= 2 * x.size(1) * clusters;
}

ChoiceOfK choose_k(const Tensor& x, const ChoosingOptions& options, const Randomness& random,
                   const classical::ShouldStop& should_stop, const std::function<void(int64_t, int64_t)>& progress,
                   const std::vector<std::function<OwnCount(const Tensor&)>>& own_counts) {
  require<ArgumentError>(options.most_clusters >= 2 && options.most_examples >= 10 && options.most_dimensions >= 1 &&
                             options.references >= 2 && options.bootstraps >= 3,
                         "choosing the number of clusters: too little to judge by");
  const Tensor rows = sample_of(x, options), sample = along_axes(rows, options, random);
  ChoiceOfK choice{.examples = sample.size(0), .dimensions = sample.size(1)};
  // Along the axes equal rows may differ: products round by where a row stands.
  const int64_t different = different_rows(rows, options.most_clusters + 1);
  if (different < 3) {
    choice.tried = {choice.chosen = different};
    choice.reason =
        different == 1 ? "1 cluster: all examples are equal" : "2 clusters: there are two different examples";
    return choice;
  }
  // Rows that all come again may be as many clusters as there are different ones; else one of each would be a cluster.
  const bool repeated = sample.size(0) >= 2 * different;
  const int64_t most = std::min(options.most_clusters, repeated ? different : different - 1);
  const auto steps = most + static_cast<int64_t>(own_counts.size());
  auto say = [&](int64_t done) {
    classical::stop_if_asked(should_stop, "choosing the number of clusters");
    if (progress) progress(done, steps);
  };
  Judge judge(sample, options, random);
  for (int64_t clusters = 1; clusters <= most; ++clusters) {
    judge.judge(clusters);
    choice.tried.push_back(clusters);
    say(clusters);
  }
  choice.criteria = criteria_of(judge, choice.tried, most == different);
  for (const auto& own : own_counts) {
    choice.counts.push_back(own(sample));
    say(most + static_cast<int64_t>(choice.counts.size()));
  }
  decide(choice);
  return choice;
}

Settings as_settings(const ChoiceOfK& choice) {
  auto numbers = [](const std::vector<double>& values) {
    Settings list = Settings::array();
    for (double value : values)
      list.push_back(std::isfinite(value) ? Settings(value) : Settings());
    return list;
  };
  Settings criteria = Settings::array(), counts = Settings::array();
  for (const Criterion& criterion : choice.criteria) {
    criteria.push_back({{"name", criterion.name},
                        {"rule", criterion.rule},
                        {"values", numbers(criterion.values)},
                        {"errors", numbers(criterion.errors)},
                        {"favours", criterion.favours ? Settings(*criterion.favours) : Settings()}});
  }
  for (const OwnCount& count : choice.counts)
    counts.push_back({{"name", count.name}, {"clusters", count.clusters}});
  return {{"tried", choice.tried},          {"criteria", criteria},    {"counts", counts},
          {"chosen", choice.chosen},        {"reason", choice.reason}, {"examples", choice.examples},
          {"dimensions", choice.dimensions}};
}

}  // namespace cleave::experiment
