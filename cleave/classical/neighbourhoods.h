// How many neighbours two examples have in common.
//
// Source  Jarvis, Patrick. Clustering using a similarity measure based on shared near neighbors. 1973; Levine et al.
//         Data-driven phenotypic dissection of AML. Cell 2015 (the Jaccard index).
#pragma once

#include <cstdint>
#include <vector>

#include "cleave/base/tensor.h"

namespace cleave::classical {

/// How many values two rising lists share.
int64_t shared(const int64_t* a, const int64_t* a_end, const int64_t* b, const int64_t* b_end);

/// The neighbourhood A(i) of every example: its neighbours and itself.
class Neighbourhoods {
 public:
  /// The neighbours of example i are targets[offsets[i] .. offsets[i + 1]): [N + 1] and [M] int64, without repetition.
  Neighbourhoods(const Tensor& offsets, const Tensor& targets);
  /// indices [N, k] int64, without repetition in a row.
  explicit Neighbourhoods(const Tensor& indices);

  int64_t size(int64_t i) const { return list(i + 1) - list(i); }
  /// The size of the largest; 1 without examples.
  int64_t largest() const { return largest_; }
  /// |A(i) and A(j)|
  int64_t common(int64_t i, int64_t j) const { return shared(list(i), list(i + 1), list(j), list(j + 1)); }
  /// |A(i) and A(j)| / |A(i) or A(j)|
  double jaccard(int64_t i, int64_t j) const {
    const int64_t both = common(i, j);
    return static_cast<double>(both) / static_cast<double>(size(i) + size(j) - both);
  }

 private:
  const int64_t* list(int64_t i) const { return members_.data() + starts_[static_cast<size_t>(i)]; }

  std::vector<int64_t> starts_, members_;  ///< rising within a list
  int64_t largest_ = 1;
};

}  // namespace cleave::classical
