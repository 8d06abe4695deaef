#include "cleave/classical/spectral.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "cleave/base/threads.h"

namespace cleave::classical {

namespace {

constexpr int64_t kRows = 1024;  // per part: what is summed per part does not depend on the number of threads
constexpr int64_t kDegree = 24;  // of the filter
constexpr int64_t kMostRounds = 20;
constexpr int64_t kSmall = 256;    // vertices of a graph that is solved as a dense matrix
constexpr double kSettled = 0.01;  // relative change of the eigenvalues at which to stop

/// A block of W vectors over the vertices, [N, W]; W a multiple of 4.
using Block = std::vector<float>;

/// On one thread: LAPACK rounds differently for another number of them.
std::tuple<Tensor, Tensor> eigenvectors(const Tensor& symmetric) {
  ThreadScope alone(1);
  return at::linalg_eigh(symmetric);
}

struct Operator {
  const int64_t* offsets;
  const int32_t* neighbours;
  std::vector<float> scaled;  ///< w_ij / sqrt(w_i w_j), per stored edge
  int64_t size;
  int64_t width;

  /// out = alpha * (A - shift) v - beta * before, row by row.
  void apply(const Block& v, float shift, float alpha, float beta, const Block& before, Block& out) const {
    at::parallel_for(0, size, kRows, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const float* own = v.data() + i * width;
        const float* old = before.data() + i * width;
        float* result = out.data() + i * width;
        for (int64_t c = 0; c < width; c += 4) {
          float sum[4] = {};
          for (int64_t e = offsets[i]; e < offsets[i + 1]; ++e) {
            const float* other = v.data() + int64_t{neighbours[e]} * width + c;
            const float weight = scaled[static_cast<size_t>(e)];
#pragma omp simd
            for (int64_t lane = 0; lane < 4; ++lane)
              sum[lane] += weight * other[lane];
          }
          for (int64_t lane = 0; lane < 4; ++lane)
            result[c + lane] = alpha * (sum[lane] - shift * own[c + lane]) - beta * old[c + lane];
        }
      }
    });
  }

  /// a^T b, [W, W] float64.
  Tensor inner(const Block& a, const Block& b) const {
    const int64_t parts = (size + kRows - 1) / kRows;
    Tensor sums = at::zeros({parts, width, width}, at::kDouble);
    auto* all = sums.data_ptr<double>();
    at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part) {
        double* sum = all + part * width * width;
        for (int64_t i = part * kRows; i < std::min(size, (part + 1) * kRows); ++i) {
          for (int64_t c = 0; c < width; ++c) {
            const auto left = static_cast<double>(a[static_cast<size_t>(i * width + c)]);
            for (int64_t d = 0; d < width; ++d)
              sum[c * width + d] += left * static_cast<double>(b[static_cast<size_t>(i * width + d)]);
          }
        }
      }
    });
    Tensor total = at::zeros({width, width}, at::kDouble);
    for (int64_t part = 0; part < parts; ++part)
      total += sums[part];
    return (total + total.t()) / 2;
  }

  /// v <- v q, q [W, W] float64.
  void combine(Block& v, const Tensor& q) const {
    Tensor transposed = q.t().contiguous();
    const double* factors = transposed.const_data_ptr<double>();
    at::parallel_for(0, size, kRows, [&](int64_t begin, int64_t end) {
      std::vector<float> row(static_cast<size_t>(width));
      for (int64_t i = begin; i < end; ++i) {
        float* own = v.data() + i * width;
        for (int64_t c = 0; c < width; ++c) {
          double sum = 0;
          for (int64_t d = 0; d < width; ++d)
            sum += static_cast<double>(own[d]) * factors[c * width + d];
          row[static_cast<size_t>(c)] = static_cast<float>(sum);
        }
        std::copy(row.begin(), row.end(), own);
      }
    });
  }

  /// v <- a basis of what v spans, orthonormal, by falling Ritz value; returns those, [W] float64. `room` is as large.
  Tensor rayleigh_ritz(Block& v, Block& room) const {
    auto [sizes, directions] = eigenvectors(inner(v, v));
    double largest = sizes[-1].item<double>();
    combine(v, directions / sizes.clamp_min(largest * 1e-14).sqrt());
    apply(v, 0, 1, 0, v, room);
    auto [values, vectors] = eigenvectors(inner(v, room));
    combine(v, vectors.flip(1));
    return values.flip(0);
  }
};

/// All eigenvectors of a small graph at once.
Tensor dense_map(const Operator& a, int64_t dimensions) {
  Tensor matrix = at::zeros({a.size, a.size}, at::kDouble);
  auto* entries = matrix.data_ptr<double>();
  for (int64_t i = 0; i < a.size; ++i) {
    for (int64_t e = a.offsets[i]; e < a.offsets[i + 1]; ++e)
      entries[i * a.size + a.neighbours[e]] = static_cast<double>(a.scaled[static_cast<size_t>(e)]);
  }
  Tensor vectors = std::get<1>(eigenvectors(matrix));
  return vectors.flip(1).slice(1, 1, dimensions + 1).to(at::kFloat).contiguous();
}

}  // namespace

Tensor spectral_map(const SparseRows& graph, int64_t dimensions, const Randomness& random,
                    const ShouldStop& should_stop) {
  const int64_t n = graph.rows();
  require<ArgumentError>(dimensions >= 1 && n > dimensions + 1,
                         "spectral map: {} dimensions asked of a graph of {} vertices", dimensions, n);
  // A few vectors more than asked for, since the last ones settle last.
  const int64_t spare = std::max<int64_t>(3, dimensions / 2);
  const int64_t width = (dimensions + 1 + spare + 3) / 4 * 4;
  Operator a{graph.starts.const_data_ptr<int64_t>(), graph.columns.const_data_ptr<int32_t>(), {}, n, width};
  const auto* weights = graph.values.const_data_ptr<float>();
  std::vector<double> degrees(static_cast<size_t>(n), 0);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t e = a.offsets[i]; e < a.offsets[i + 1]; ++e)
      degrees[static_cast<size_t>(i)] += static_cast<double>(weights[e]);
  }
  a.scaled.resize(static_cast<size_t>(graph.values.size(0)));
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t e = a.offsets[i]; e < a.offsets[i + 1]; ++e) {
      double both = degrees[static_cast<size_t>(i)] * degrees[static_cast<size_t>(a.neighbours[e])];
      a.scaled[static_cast<size_t>(e)] = static_cast<float>(static_cast<double>(weights[e]) / std::sqrt(both));
    }
  }

  if (n <= kSmall) return dense_map(a, dimensions);

  Block v(static_cast<size_t>(n * width)), before(v.size()), next(v.size());
  Sequence noise(random.bits("spectral"));
  for (float& value : v)
    value = static_cast<float>(noise.uniform() - 0.5);
  for (int64_t i = 0; i < n; ++i)  // the first eigenvector is known
    v[static_cast<size_t>(i * width)] = static_cast<float>(std::sqrt(degrees[static_cast<size_t>(i)]));

  // What lies in [-1, edge] is damped, what lies above grows the more the nearer it is to 1.
  double edge = 0.5;
  Tensor gaps = at::full({dimensions}, std::numeric_limits<double>::infinity(), at::kDouble);
  for (int64_t round = 0; round < kMostRounds; ++round) {
    stop_if_asked(should_stop, "spectral map");
    const double centre = (edge - 1) / 2, radius = (edge + 1) / 2;
    const auto shift = static_cast<float>(centre), step = static_cast<float>(1 / radius);
    a.apply(v, shift, step, 0, v, before);  // T_1 v
    std::swap(v, before);                   // v = T_1, before = T_0
    for (int64_t degree = 2; degree <= kDegree; ++degree) {
      a.apply(v, shift, 2 * step, 1, before, next);
      std::swap(before, v);
      std::swap(v, next);
    }
    Tensor values = a.rayleigh_ritz(v, next);
    Tensor now = 1 - values.slice(0, 1, dimensions + 1);
    double change = ((gaps - now).abs() / now.clamp_min(1e-6)).max().item<double>();
    gaps = now;
    if (change < kSettled) break;
    edge = std::clamp(values[-1].item<double>(), 0.0, 0.9999);
  }
  Tensor block = at::from_blob(v.data(), {n, width}, at::kFloat);
  return block.slice(1, 1, dimensions + 1).clone(at::MemoryFormat::Contiguous);
}

}  // namespace cleave::classical
