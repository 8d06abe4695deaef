#include "cleave/classical/leading_eigenpairs.h"

#include <tuple>

#include <ATen/Parallel.h>

#include "cleave/base/random.h"
#include "cleave/base/threads.h"

namespace cleave::classical {

namespace {

constexpr int64_t kTogether = 16;      // vectors that are multiplied at once
constexpr int64_t kBlocksOfRoom = 10;  // in the basis, beyond twice what is asked for
constexpr double kTolerance = 1e-8;

/// What v adds to the orthonormal `basis`, orthonormal. Twice, as one pass leaves what rounding left of the basis.
Tensor orthonormal_to(const Tensor& basis, Tensor v) {
  for (int pass = 0; pass < 2; ++pass) {
    if (basis.size(1) > 0) v = v - basis.mm(basis.t().mm(v));
    v = std::get<0>(at::linalg_qr(v));
  }
  return v;
}

/// The `count` last of what eigh() gives, falling.
Eigenpairs last_of(const std::tuple<Tensor, Tensor>& rising, int64_t count) {
  const auto& [values, vectors] = rising;
  return {values.slice(0, -count).flip(0), vectors.slice(1, -count).flip(1)};
}

}  // namespace

std::optional<Eigenpairs> leading_eigenpairs(const std::function<Tensor(const Tensor&)>& times, int64_t size,
                                             int64_t count, int64_t most) {
  const int threads = at::get_num_threads();
  ThreadScope alone(1);  // LAPACK rounds differently for another number of threads
  auto product = [&](const Tensor& v) {
    ThreadScope all(threads);
    return times(v);
  };
  const int64_t room = 2 * count + kBlocksOfRoom * kTogether;
  if (size <= room) return last_of(at::linalg_eigh(product(at::eye(size, at::kDouble))), count);
  Tensor basis = at::empty({size, 0}, at::kDouble), images = basis;  // V and S V
  Tensor next = at::randn({size, kTogether}, Randomness(0).stream("eigenpairs"), at::kDouble);
  for (int64_t products = 0; products < most; ++products) {
    next = orthonormal_to(basis, next);
    if (basis.size(1) + kTogether > room) {  // full: its best vectors are kept, and those that come next
      const Tensor directions = last_of(at::linalg_eigh(basis.t().mm(images)), count + kTogether).vectors;
      basis = basis.mm(directions);
      images = images.mm(directions);
    }
    basis = at::cat({basis, next}, 1);
    next = product(next);
    images = at::cat({images, next}, 1);
    if (basis.size(1) < count) continue;
    const auto [values, directions] = last_of(at::linalg_eigh(basis.t().mm(images)), count);
    Tensor vectors = basis.mm(directions);
    const double unsettled = (images.mm(directions) - vectors * values).norm(2, {0}).max().item<double>();
    if (unsettled <= kTolerance * values[0].item<double>()) return Eigenpairs{values, vectors.contiguous()};
  }
  return std::nullopt;
}

}  // namespace cleave::classical
