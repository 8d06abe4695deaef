#include "cleave/classical/leading_eigenpairs.h"

#include <algorithm>

#include "cleave/base/random.h"
#include "cleave/base/threads.h"

namespace cleave::classical {

namespace {

constexpr int64_t kSpare = 10;   // vectors beyond those asked for: the last ones settle last
constexpr int64_t kBlocks = 12;  // of the basis before it begins again
constexpr double kTolerance = 1e-9;

/// Vectors that span what those of v add to the orthonormal `basis`. Twice, as one pass leaves what rounding left of
/// it.
Tensor orthonormal_to(const Tensor& basis, Tensor v) {
  for (int pass = 0; pass < 2; ++pass) {
    if (basis.size(1) > 0) v = v - basis.mm(basis.t().mm(v));
    v = std::get<0>(at::linalg_qr(v));
  }
  return v;
}

}  // namespace

std::optional<Eigenpairs> leading_eigenpairs(const std::function<Tensor(const Tensor&)>& times, int64_t size,
                                             int64_t count, int64_t most) {
  const int64_t width = std::min(count + kSpare, size);
  const int64_t room = width * std::clamp<int64_t>(size / width, 1, kBlocks);
  Tensor basis = at::empty({size, room}, at::kDouble), images = at::empty_like(basis);  // V and S V
  Tensor projected = at::empty({room, room}, at::kDouble);                              // V^T S V
  Tensor next = at::randn({size, width}, Randomness(0).stream("eigenpairs"), at::kDouble);
  for (int64_t used = 0, products = 0; products < most; ++products) {
    {
      ThreadScope alone(1);  // LAPACK rounds differently for another number of threads
      next = orthonormal_to(basis.slice(1, 0, used), next);
    }
    basis.slice(1, used, used + width).copy_(next);
    next = times(next);
    images.slice(1, used, used + width).copy_(next);
    used += width;

    ThreadScope alone(1);
    const Tensor v = basis.slice(1, 0, used), corner = projected.slice(0, 0, used).slice(1, 0, used);
    corner.slice(0, -width).copy_(next.t().mm(v));  // eigh reads the lower triangle
    auto [values, directions] = at::linalg_eigh(corner);
    values = values.slice(0, -width).flip(0);
    directions = directions.slice(1, -width).flip(1);
    const Tensor best = v.mm(directions);
    const Tensor rest = images.slice(1, 0, used).mm(directions) - best * values;
    const double unsettled = rest.slice(1, 0, count).norm(2, {0}).max().item<double>();
    if (unsettled <= kTolerance * values[0].item<double>())
      return Eigenpairs{values.slice(0, 0, count), best.slice(1, 0, count).contiguous()};
    if (used == room) {
      next = best;
      used = 0;
    }
  }
  return std::nullopt;
}

}  // namespace cleave::classical
