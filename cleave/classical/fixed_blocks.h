// Work cut into blocks that do not depend on the number of threads, so that neither do sums over them.
#pragma once

#include <algorithm>
#include <cstdint>

#include <ATen/Parallel.h>

#include "cleave/classical/rows.h"

namespace cleave::classical {

inline int64_t fixed_block_count(int64_t rows, int64_t block) {
  return (rows + block - 1) / block;
}

/// Calls work(index, range) for the blocks [index * block, (index + 1) * block) of [0, rows), in parallel when there
/// are more than `alone` of them: fewer are done sooner than a thread is woken.
template <class Work>
void for_fixed_blocks(int64_t rows, int64_t block, const Work& work, int64_t alone = 1) {
  at::parallel_for(0, fixed_block_count(rows, block), alone, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index)
      work(index, RowRange{index * block, std::min(rows, (index + 1) * block)});
  });
}

}  // namespace cleave::classical
