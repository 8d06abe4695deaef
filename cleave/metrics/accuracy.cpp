#include "cleave/metrics/accuracy.h"

#include <map>

#include "cleave/base/error.h"
#include "cleave/metrics/assignment.h"

namespace cleave::metrics {

namespace {

double share(int64_t part, int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::vector<int64_t> match_labels(const Contingency& table) {
  std::vector<int64_t> matched = best_assignment(table.without_noise());
  if (table.clusters.front() == -1) matched.insert(matched.begin(), -1);
  return matched;
}

double accuracy_hungarian(const Contingency& table) {
  std::vector<int64_t> matched = match_labels(table);
  int64_t right = 0;
  for (size_t row = 0; row < matched.size(); ++row) {
    if (matched[row] >= 0) right += table.counts[static_cast<int64_t>(row)][matched[row]].item<int64_t>();
  }
  return share(right, table.examples());
}

double accuracy_majority(const Contingency& table) {
  return share(table.without_noise().amax(1).sum().item<int64_t>(), table.examples());
}

double accuracy_simple(const Tensor& clusters, const Tensor& labels, const Tensor& confidence) {
  Contingency table = cross_tabulate(clusters, labels);
  require<ArgumentError>(confidence.defined() && confidence.sizes().equals(labels.sizes()) &&
                             confidence.is_floating_point() && !confidence.isnan().any().item<bool>(),
                         "accuracy: the confidence must be one number per example");
  Tensor cluster_ids = clusters.contiguous(), label_ids = labels.contiguous();
  Tensor sureness = confidence.to(at::kDouble).contiguous();
  const auto* cluster = cluster_ids.const_data_ptr<int64_t>();
  const auto* label = label_ids.const_data_ptr<int64_t>();
  const auto* sure = sureness.const_data_ptr<double>();

  std::map<int64_t, int64_t> deciding;  // cluster -> its most confident labelled example
  for (int64_t i = 0; i < labels.size(0); ++i) {
    if (label[i] < 0 || cluster[i] < 0) continue;
    auto [found, is_new] = deciding.try_emplace(cluster[i], i);
    if (!is_new && sure[i] > sure[found->second]) found->second = i;
  }
  int64_t right = 0;
  for (int64_t i = 0; i < labels.size(0); ++i) {
    if (label[i] >= 0 && cluster[i] >= 0 && label[i] == label[deciding.at(cluster[i])]) ++right;
  }
  return share(right, table.examples());
}

}  // namespace cleave::metrics
