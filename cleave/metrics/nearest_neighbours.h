// How well the labels of near examples tell an example's own: the quality of a code for search and for few labels.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::metrics {

/// Share of test examples whose k nearest training examples (Euclidean) vote for another label than theirs, for each k
/// of `ks`; ties go to the smallest label.
///
/// train, test [., D] codes; labels int64, -1 where unknown: such examples neither vote nor count.
/// Throws ArgumentError when the shapes do not fit or fewer than the largest k can vote, Interrupted.
std::map<int64_t, double> knn_errors(const Tensor& train, const Tensor& train_labels, const Tensor& test,
                                     const Tensor& test_labels, const std::vector<int64_t>& ks,
                                     const classical::ShouldStop& should_stop = {});

/// The same with every example judged by all the others: for data without a split.
std::map<int64_t, double> knn_errors_leaving_one_out(const Tensor& x, const Tensor& labels,
                                                     const std::vector<int64_t>& ks,
                                                     const classical::ShouldStop& should_stop = {});

}  // namespace cleave::metrics
