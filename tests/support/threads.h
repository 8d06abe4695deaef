// Results that must not depend on the number of threads.
#pragma once

#include <utility>

#include "cleave/base/threads.h"

namespace cleave::tests {

/// What fit() gives on one thread, and on three.
template <class Fit>
auto on_one_and_three_threads(const Fit& fit) {
  auto on = [&](int threads) {
    ThreadScope scope(threads);
    return fit();
  };
  auto one = on(1);
  return std::pair(std::move(one), on(3));
}

}  // namespace cleave::tests
