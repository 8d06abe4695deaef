#include "cleave/probability/counts.h"

#include <cmath>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

namespace cleave::probability {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr double kLinear = 40;  // softplus(t) is t from here on, to the last digit

double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);  // std::lgamma would write a global
}

/// The logarithm's derivative of the gamma function at x > 0 (Abramowitz, Stegun 1964, 6.3.5 and 6.3.18).
double digamma(double x) {
  double below = 0;
  for (; x < 10; ++x)
    below -= 1 / x;
  const double f = 1 / (x * x);
  return below + std::log(x) - 0.5 / x -
         f * (1.0 / 12 - f * (1.0 / 120 - f * (1.0 / 252 - f * (1.0 / 240 - f * (1.0 / 132)))));
}

/// Calls take(row, column, count) for the counts above zero: row by row, each by one thread, or the same by columns.
template <class T, class Take>
void each_in_rows(const Tensor& x, const Take& take) {
  const T* value = x.const_data_ptr<T>();
  const int64_t width = x.size(1);
  at::parallel_for(0, x.size(0), 1, [&](int64_t begin, int64_t end) {
    for (int64_t place = begin * width; place < end * width; ++place) {
      if (value[place] > 0) take(place / width, place % width, value[place]);
    }
  });
}
template <class T, class Take>
void each_in_columns(const Tensor& x, const Take& take) {
  constexpr int64_t kLeast = 1024;
  const T* value = x.const_data_ptr<T>();
  const int64_t width = x.size(1);
  at::parallel_for(0, width, kLeast, [&](int64_t begin, int64_t end) {
    for (int64_t row = 0; row < x.size(0); ++row) {
      for (int64_t column = begin; column < end; ++column) {
        if (value[row * width + column] > 0) take(row, column, value[row * width + column]);
      }
    }
  });
}

/// With r the dispersion, t = log mean - log r and s = log(1 + e^t):
///   log p = sum_j [log G(x + r) - log G(r) - log G(x + 1) + x (t - s) - r s],
/// whose terms but the last are zero where x is.
struct CountsLogProb : torch::autograd::Function<CountsLogProb> {
  static Tensor forward(AutogradContext* context, const Tensor& counts, const Tensor& log_mean,
                        const Tensor& log_dispersion) {
    const Tensor x = counts.contiguous(), r = log_dispersion.exp().contiguous();
    const Tensor t = (log_mean - log_dispersion).contiguous(), s = at::softplus(t, 1, kLinear);
    Tensor result = -s.mv(r);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "log_prob_of_counts", [&] {
      const auto *dispersion = r.const_data_ptr<scalar_t>(), *difference = t.const_data_ptr<scalar_t>(),
                 *plus = s.const_data_ptr<scalar_t>();
      std::vector<double> log_gamma_of(static_cast<size_t>(x.size(1)));
      for (size_t j = 0; j < log_gamma_of.size(); ++j)
        log_gamma_of[j] = log_gamma(static_cast<double>(dispersion[j]));
      Tensor sums = at::zeros({x.size(0)}, at::kDouble);
      auto* sum = sums.data_ptr<double>();
      each_in_rows<scalar_t>(x, [&](int64_t i, int64_t j, double count) {
        const int64_t place = i * x.size(1) + j;
        sum[i] += log_gamma(count + static_cast<double>(dispersion[j])) - log_gamma_of[static_cast<size_t>(j)] -
                  log_gamma(count + 1) + count * static_cast<double>(difference[place] - plus[place]);
      });
      result += sums;
    });
    context->save_for_backward({x, r, t, s});
    return result;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &r = saved[1], &t = saved[2], &s = saved[3], g = gradients[0].contiguous();
    const Tensor p = at::sigmoid(t);
    Tensor by_mean = (p * r).mul_(-g.unsqueeze(1)), gammas = at::zeros({x.size(1)}, at::kDouble);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "log_prob_of_counts", [&] {
      const auto *share = p.const_data_ptr<scalar_t>(), *dispersion = r.const_data_ptr<scalar_t>(),
                 *weight = g.const_data_ptr<scalar_t>();
      auto* mean = by_mean.data_ptr<scalar_t>();
      each_in_rows<scalar_t>(x, [&](int64_t i, int64_t j, scalar_t count) {
        const int64_t place = i * x.size(1) + j;
        mean[place] += weight[i] * count * (1 - share[place]);
      });
      std::vector<double> digamma_of(static_cast<size_t>(x.size(1)));
      for (size_t j = 0; j < digamma_of.size(); ++j)
        digamma_of[j] = digamma(static_cast<double>(dispersion[j]));
      auto* gamma = gammas.data_ptr<double>();
      each_in_columns<scalar_t>(x, [&](int64_t i, int64_t j, double count) {
        gamma[j] += static_cast<double>(weight[i]) *
                    (digamma(count + static_cast<double>(dispersion[j])) - digamma_of[static_cast<size_t>(j)]);
      });
    });
    const Tensor by_dispersion = r * (gammas.to(r.scalar_type()) - s.t().mv(g)) - by_mean.sum(0);
    return {Tensor(), by_mean, by_dispersion};
  }
};

}  // namespace

bool are_plain_counts(const Tensor& x, const Tensor& log_mean, const Tensor& log_dispersion) {
  const at::ScalarType type = x.scalar_type();
  return x.is_cpu() && !x.requires_grad() && (type == at::kFloat || type == at::kDouble) &&
         log_mean.scalar_type() == type && log_dispersion.scalar_type() == type && x.dim() == 2 &&
         log_mean.sizes() == x.sizes() && log_dispersion.dim() == 1 && log_dispersion.size(0) == x.size(1);
}

Tensor log_prob_of_counts(const Tensor& x, const Tensor& log_mean, const Tensor& log_dispersion) {
  return CountsLogProb::apply(x, log_mean, log_dispersion);
}

}  // namespace cleave::probability
