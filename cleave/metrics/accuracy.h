// Clustering accuracy. Three conventions are in use, and their figures do not compare: each goes by its own name.
#pragma once

#include <vector>

#include "cleave/metrics/contingency.h"

namespace cleave::metrics {

/// The label matched one-to-one to each row of the table such that most examples agree, by its position among
/// table.labels; -1 for noise, and for clusters left over when there are more of them than labels.
std::vector<int64_t> match_labels(const Contingency& table);

/// Share of examples whose cluster is matched to their label, one-to-one (match_labels). Rectangular tables allowed.
double accuracy_hungarian(const Contingency& table);

/// Share of examples that have the most frequent label of their cluster: many-to-one, also called purity. It can only
/// rise with the number of clusters, and is 1 when every example is its own cluster.
double accuracy_majority(const Contingency& table);

/// Share of examples that have the label of the most confident example of their cluster (the "simple" mapping of
/// Makhzani et al., Adversarial autoencoders, 2015). One example decides for a cluster, so it varies much.
///
/// clusters, labels  [N] int64 as for cross_tabulate(); examples without a known label neither decide nor count
/// confidence        [N] floating, q(cluster | x) of the example's own cluster; of equals the first decides
/// Throws ArgumentError as cross_tabulate() does, and when the confidence does not fit or is NaN.
double accuracy_simple(const Tensor& clusters, const Tensor& labels, const Tensor& confidence);

}  // namespace cleave::metrics
