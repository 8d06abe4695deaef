#include "cleave/metrics/nearest_neighbours.h"

#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/classical/nearest.h"

namespace cleave::metrics {

namespace {

struct Labelled {
  Tensor x;       ///< [N, D]
  Tensor labels;  ///< [N] int64, >= 0
};

/// The examples whose label is known.
Labelled labelled(const Tensor& x, const Tensor& labels) {
  require<ArgumentError>(x.defined() && labels.defined() && x.dim() == 2 && labels.dim() == 1 &&
                             labels.scalar_type() == at::kLong && labels.size(0) == x.size(0),
                         "knn error: the labels must be int64, one per example");
  Tensor known = (labels >= 0).nonzero().flatten();
  require<ArgumentError>(known.numel() > 0, "knn error: no example has a known label");
  return {x.index_select(0, known), labels.index_select(0, known)};
}

std::map<int64_t, double> errors(const Labelled& train, const Labelled& test, const std::vector<int64_t>& ks,
                                 bool leave_self_out, const classical::ShouldStop& should_stop) {
  require<ArgumentError>(!ks.empty(), "knn error: no number of neighbours is given");
  int64_t most = *std::max_element(ks.begin(), ks.end());
  Tensor indices = classical::nearest(test.x, train.x, most, leave_self_out, should_stop).indices;
  std::map<int64_t, double> result;
  for (int64_t k : ks) {
    result[k] = (classical::vote(indices, train.labels, k) != test.labels).to(at::kDouble).mean().item<double>();
  }
  return result;
}

}  // namespace

std::map<int64_t, double> knn_errors(const Tensor& train, const Tensor& train_labels, const Tensor& test,
                                     const Tensor& test_labels, const std::vector<int64_t>& ks,
                                     const classical::ShouldStop& should_stop) {
  return errors(labelled(train, train_labels), labelled(test, test_labels), ks, false, should_stop);
}

std::map<int64_t, double> knn_errors_leaving_one_out(const Tensor& x, const Tensor& labels,
                                                     const std::vector<int64_t>& ks,
                                                     const classical::ShouldStop& should_stop) {
  Labelled all = labelled(x, labels);
  return errors(all, all, ks, true, should_stop);
}

}  // namespace cleave::metrics
