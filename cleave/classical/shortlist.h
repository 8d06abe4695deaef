// The nearest candidates of many rows at once, picked from blocks of scores as matrix products deliver them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace cleave::classical {

/// Keeps for each of `rows` rows the `wanted` candidates of least (score, index). What it keeps depends on the set of
/// candidates offered, not on their order.
template <class T>
class Shortlist {
 public:
  struct Candidate {
    T score;
    int32_t index;
    friend bool operator<(const Candidate& a, const Candidate& b) {
      return a.score < b.score || (a.score == b.score && a.index < b.index);
    }
  };

  struct List {
    const Candidate* candidates;
    int64_t count;
  };

  Shortlist(int64_t rows, int64_t wanted)
      : wanted_(wanted),
        capacity_(2 * wanted + 16),
        candidates_(static_cast<size_t>(rows * capacity_)),
        counts_(static_cast<size_t>(rows), 0),
        limits_(static_cast<size_t>(rows), std::numeric_limits<T>::infinity()),
        last_(static_cast<size_t>(rows), std::numeric_limits<int32_t>::max()) {}

  /// No candidate of a greater score can enter the list of a row any more, [rows].
  const T* limits() const { return limits_.data(); }

  void offer(int64_t row, T score, int32_t index) {
    auto r = static_cast<size_t>(row);
    if (score > limits_[r] || (score == limits_[r] && index >= last_[r])) return;
    candidates_[r * static_cast<size_t>(capacity_) + static_cast<size_t>(counts_[r])] = {score, index};
    if (++counts_[r] == capacity_) shorten(row);
  }

  /// The list of one row, in no order, at most `wanted` long. It lives until the next offer.
  List list(int64_t row) {
    if (counts_[static_cast<size_t>(row)] > wanted_) shorten(row);
    return {candidates_.data() + row * capacity_, counts_[static_cast<size_t>(row)]};
  }

 private:
  void shorten(int64_t row) {
    auto r = static_cast<size_t>(row);
    Candidate* first = candidates_.data() + row * capacity_;
    std::nth_element(first, first + wanted_ - 1, first + counts_[r]);
    counts_[r] = static_cast<int32_t>(wanted_);
    limits_[r] = first[wanted_ - 1].score;
    last_[r] = first[wanted_ - 1].index;
  }

  int64_t wanted_, capacity_;
  std::vector<Candidate> candidates_;  // `capacity_` places per row
  std::vector<int32_t> counts_;
  std::vector<T> limits_;  // score and index of the last of a list that has been shortened
  std::vector<int32_t> last_;
};

}  // namespace cleave::classical
