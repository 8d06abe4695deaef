// How many clusters are there? Criteria that need no labels, side by side.
//
// Source  Rousseeuw. Silhouettes. J. Computational and Applied Mathematics 1987.
//         Tibshirani, Walther, Hastie. Estimating the number of clusters in a data set via the gap statistic.
//         JRSS B 2001.
//         Schwarz. Estimating the dimension of a model. Annals of Statistics 1978; Fraley, Raftery 1998 (mixtures).
//         Ben-Hur, Elisseeff, Guyon. A stability based method for discovering structure in clustered data. PSB 2002;
//         Fang, Wang. Selection of the number of clusters via the bootstrap method. CSDA 2012.
// Axes    N examples, X features, K clusters.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cleave/base/fields.h"
#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::experiment {

/// What one criterion says of each number of clusters.
struct Criterion {
  std::string name;                 ///< "silhouette", "gap", "BIC", "stability"
  std::vector<double> values;       ///< one per number tried; not finite where it says nothing
  std::vector<double> errors = {};  ///< standard errors, where there are any
  std::optional<int64_t> favours;   ///< nothing where no number stands out, or only the largest tried does
  std::string rule;                 ///< how a number is favoured, a clause: "where it is largest"
};

/// What a method that finds the number itself has found.
struct OwnCount {
  std::string name;  ///< "HDBSCAN"
  int64_t clusters = 0;
};

struct ChoiceOfK {
  std::vector<int64_t> tried;
  std::vector<Criterion> criteria;
  std::vector<OwnCount> counts;
  int64_t chosen = 1;
  std::string reason;      ///< one sentence
  int64_t examples = 0;    ///< the criteria were computed from
  int64_t dimensions = 0;  ///< principal components of them
};

struct ChoosingOptions {
  int64_t most_clusters = 20;
  int64_t most_examples = 3000;  ///< more are sampled evenly
  int64_t most_dimensions = 20;  ///< wider data are reduced to so many principal components
  int64_t references = 10;       ///< drawn sets without clusters, of the gap statistic
  int64_t bootstraps = 10;
};

/// Whether x [N, X] has the examples for a full covariance of each cluster: of fewer than two for each direction it
/// would be made up.
bool bears_full_covariances(const Tensor& x, int64_t clusters);

/// Judges k-means clusterings and Gaussian mixtures of x [N, X] with 1 to most_clusters clusters:
///
///   silhouette  of k-means; favours the largest
///   gap         how far the logarithm of the inertia of k-means lies below that of data drawn evenly over a box along
///               the principal axes; favours the least number whose gap is within a standard error of the next one's
///   BIC         of the mixture, the better of diagonal and full covariances; favours the smallest
///   stability   mean adjusted Rand index between k-means clusterings that bootstrap samples give of all examples;
///               favours the largest number within a tenth of the best that is no less stable than the one before it
///
/// The chosen number is the one that most criteria favour when at least two agree, and otherwise the median of what
/// they favour. With fewer than three different examples it is their number. `own_counts` are asked of the sample
/// [n, D] that the others see and count like criteria. `progress(done, all)` is called as the work goes on.
/// Throws ArgumentError when x is no matrix, DataError when values are not finite, Interrupted.
ChoiceOfK choose_k(const Tensor& x, const ChoosingOptions& options, const Randomness& random,
                   const classical::ShouldStop& should_stop = {},
                   const std::function<void(int64_t done, int64_t all)>& progress = {},
                   const std::vector<std::function<OwnCount(const Tensor& sample)>>& own_counts = {});

/// {"tried": [...], "criteria": [{"name", "rule", "values", "errors", "favours"}], "counts": [{"name", "clusters"}],
///  "chosen", "reason", "examples", "dimensions"}; what is not finite or not decided is null.
Settings as_settings(const ChoiceOfK& choice);

}  // namespace cleave::experiment
