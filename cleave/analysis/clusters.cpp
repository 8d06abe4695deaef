#include "cleave/analysis/clusters.h"

#include <algorithm>

#include <ATen/core/grad_mode.h>

#include "cleave/analysis/answers.h"

namespace cleave::analysis {
namespace {

constexpr int64_t kClusterBlock = 4096;

void for_blocks(int64_t size, const std::function<void(const Tensor& positions)>& f) {
  for (int64_t first = 0; first < size; first += kClusterBlock)
    f(at::arange(first, std::min(first + kClusterBlock, size), at::kLong));
}

/// Mean representation of each cluster's members, [K, R] float64.
Tensor means(const Tensor& assignment, const Tensor& sizes, const Representation& representation) {
  Tensor sums;
  for_blocks(assignment.size(0), [&](const Tensor& positions) {
    Tensor own = assignment.index_select(0, positions), claimed = own.ge(0).nonzero().squeeze(1);
    Tensor rows = representation(positions).index_select(0, claimed).to(at::kDouble);
    if (!sums.defined()) sums = at::zeros({sizes.size(0), rows.size(1)}, at::kDouble);
    sums.index_add_(0, own.index_select(0, claimed), rows);
  });
  return sums / sizes.clamp_min(1).unsqueeze(1);
}

struct Distances {
  Tensor own, other;  ///< [N] to the own centre and to the nearest other one
};

Distances distances(const Tensor& assignment, const Tensor& centres, const Tensor& sizes,
                    const Representation& representation) {
  constexpr double kFar = 1e30;
  std::vector<Tensor> own, other;
  for_blocks(assignment.size(0), [&](const Tensor& positions) {
    Tensor all = at::cdist(representation(positions).to(at::kDouble), centres);
    all = all.masked_fill(sizes.eq(0).unsqueeze(0), kFar);
    Tensor mine = assignment.index_select(0, positions).clamp_min(0).unsqueeze(1);
    own.push_back(all.gather(1, mine).squeeze(1));
    other.push_back(std::get<0>(all.scatter(1, mine, kFar).min(1)));
  });
  return {at::cat(own), at::cat(other)};
}

/// The members in ascending order of a score; equal scores in order of the rows.
Tensor ranked(const Tensor& members, const Tensor& score) {
  return members.index_select(0, score.index_select(0, members).argsort(/*stable=*/true, 0, /*descending=*/false));
}

void fill_row(Tensor row, const Tensor& chosen) {
  int64_t count = std::min(row.size(0), chosen.size(0));
  row.narrow(0, 0, count).copy_(chosen.narrow(0, 0, count));
}

}  // namespace

Gallery gallery(const Tensor& responsibilities, const Tensor& assignment, const Representation& representation,
                int64_t examples) {
  at::NoGradGuard no_grad;
  int64_t clusters = responsibilities.size(1);
  Gallery result;
  result.sizes = at::bincount(assignment.index({assignment.ge(0)}), {}, clusters);
  result.centres = means(assignment, result.sizes, representation);
  auto [own, other] = distances(assignment, result.centres, result.sizes, representation);
  Tensor certainty = std::get<0>(responsibilities.max(1));
  result.soft = certainty.gt(0).logical_and(certainty.lt(1 - 1e-6)).any().item<bool>();
  Tensor clarity = result.soft ? certainty.to(at::kDouble) : -own / other.clamp_min(1e-30);

  for (Tensor* rows : {&result.typical, &result.spread, &result.uncertain}) {
    *rows = at::full({clusters, examples}, -1, at::kLong);
  }
  for (int64_t k = 0; k < clusters; ++k) {
    Tensor members = assignment.eq(k).nonzero().squeeze(1);
    Tensor from_centre = ranked(members, own);
    fill_row(result.typical[k], from_centre);
    fill_row(result.spread[k], from_centre.index_select(0, evenly_spread(members.size(0), examples)));
    fill_row(result.uncertain[k], ranked(members, clarity));
  }
  return result;
}

Tensor by_size(const Tensor& sizes) {
  return sizes.argsort(/*stable=*/true, 0, /*descending=*/true);
}

}  // namespace cleave::analysis
