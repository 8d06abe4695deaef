#include "cleave/metrics/agreement.h"

#include <algorithm>
#include <cmath>

namespace cleave::metrics {

namespace {

/// Joint distribution [R, C] float64.
Tensor joint(const Contingency& table) {
  return table.counts.to(at::kDouble) / table.examples();
}

/// Entropy of the distribution [P] of one side, nats. A single part has exactly none, though its share is rounded.
double entropy(const Tensor& p) {
  return p.size(0) == 1 ? 0 : std::max(0.0, -at::xlogy(p, p).sum().item<double>());
}

double cluster_entropy(const Contingency& table) {
  return entropy(joint(table).sum(1));
}
double label_entropy(const Contingency& table) {
  return entropy(joint(table).sum(0));
}

/// The mutual information over an entropy that bounds it: rounding must not carry the share beyond 1.
double share_of(double entropy, const Contingency& table) {
  return std::min(1.0, mutual_information(table) / entropy);
}

/// Number of pairs within each entry, summed.
double pairs(const Tensor& counts) {
  Tensor n = counts.to(at::kDouble);
  return (n * (n - 1) / 2).sum().item<double>();
}

}  // namespace

double mutual_information(const Contingency& table) {
  Tensor p = joint(table);
  Tensor independent = p.sum(1, /*keepdim=*/true) * p.sum(0, /*keepdim=*/true);
  return std::max(0.0, (at::xlogy(p, p) - at::xlogy(p, independent)).sum().item<double>());
}

double normalised_mutual_information(const Contingency& table, Normalisation normalisation) {
  double clusters = cluster_entropy(table), labels = label_entropy(table);
  if (clusters == 0 || labels == 0) return clusters == labels ? 1 : 0;
  double divisor = normalisation == Normalisation::kArithmetic  ? (clusters + labels) / 2
                   : normalisation == Normalisation::kGeometric ? std::sqrt(clusters * labels)
                                                                : std::max(clusters, labels);
  return share_of(divisor, table);
}

double adjusted_rand_index(const Contingency& table) {
  double together = pairs(table.counts), rows = pairs(table.counts.sum(1)), columns = pairs(table.counts.sum(0));
  double all = pairs(table.counts.sum());
  double largest = (rows + columns) / 2;
  if (together == largest) return 1;  // equal partitions, trivial ones among them
  double expected = rows * columns / all;
  return (together - expected) / (largest - expected);
}

double homogeneity(const Contingency& table) {
  double entropy = label_entropy(table);
  return entropy == 0 ? 1 : share_of(entropy, table);
}

double completeness(const Contingency& table) {
  double entropy = cluster_entropy(table);
  return entropy == 0 ? 1 : share_of(entropy, table);
}

}  // namespace cleave::metrics
