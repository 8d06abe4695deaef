// The number of threads for a while.
#pragma once

#include <ATen/Parallel.h>

namespace cleave {

/// While it lives, what the calling thread computes runs on `count` threads.
class ThreadScope {
 public:
  explicit ThreadScope(int count) { at::set_num_threads(count); }
  ~ThreadScope() { at::set_num_threads(before_); }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_ = at::get_num_threads();
};

}  // namespace cleave
