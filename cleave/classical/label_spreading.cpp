#include "cleave/classical/label_spreading.h"

#include <cmath>

#include "cleave/base/error.h"

namespace cleave::classical {

Tensor spread_labels(const SparseRows& graph, const Tensor& y, int64_t classes, double passed_on,
                     const ShouldStop& should_stop) {
  const int64_t n = graph.rows();
  require<ArgumentError>(y.dim() == 1 && y.size(0) == n && y.max().item<int64_t>() < classes,
                         "labels: expected one below {} for each of {} examples", classes, n);
  require<ArgumentError>(passed_on > 0 && passed_on < 1, "labels: expected a share between 0 and 1 to be passed on");
  const Tensor scale = times(graph, at::ones({n, 1})).clamp_min(1e-12).rsqrt();  // [N, 1]
  Tensor labels = at::one_hot(y.clamp_min(0), classes).to(at::kFloat) * y.ge(0).unsqueeze(1);
  Tensor shares = labels;
  const auto rounds = static_cast<int64_t>(std::ceil(std::log(1e-3) / std::log(passed_on)));
  for (int64_t round = 0; round < rounds; ++round) {
    stop_if_asked(should_stop, "spreading labels");
    shares = passed_on * scale * times(graph, scale * shares) + (1 - passed_on) * labels;
  }
  return shares * (labels.sum(0) / shares.sum(0).clamp_min(1e-12));
}

}  // namespace cleave::classical
