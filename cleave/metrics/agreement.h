// Agreement of two partitions, which needs no matching of clusters to labels. Noise counts as one more cluster.
//
// Entropies are in nats; the unit cancels in every ratio. The conventions for partitions of one part are
// scikit-learn's.
#pragma once

#include "cleave/metrics/contingency.h"

namespace cleave::metrics {

/// I(clusters; labels), nats, >= 0.
double mutual_information(const Contingency& table);

/// What the mutual information is divided by: a mean of the two entropies, or the larger.
enum class Normalisation { kArithmetic, kGeometric, kMaximum };

/// Normalised mutual information in [0, 1]. 1 when both partitions have one part, 0 when just one of them has.
/// Source: Strehl, Ghosh. Cluster ensembles. JMLR 2002 (geometric); arithmetic is scikit-learn's default since 0.22.
double normalised_mutual_information(const Contingency& table, Normalisation normalisation);

/// 1 for equal partitions, about 0 for independent ones, may be negative.
/// Source: Hubert, Arabie. Comparing partitions. Journal of Classification 1985.
double adjusted_rand_index(const Contingency& table);

/// Share of the labels' entropy that the clusters explain: 1 when every cluster holds one label only.
/// Source: Rosenberg, Hirschberg. V-measure. EMNLP 2007; likewise completeness().
double homogeneity(const Contingency& table);

/// Share of the clusters' entropy that the labels explain: 1 when every label lies in one cluster only.
double completeness(const Contingency& table);

}  // namespace cleave::metrics
