// Products of float32 matrices of our own, for processors that libtorch's library does not know well.
#pragma once

#include "cleave/base/tensor.h"

namespace cleave::kernels {

/// Whether this processor can run `product`: AVX2 and FMA.
bool can_multiply();

/// Whether `product` is what to take here: on AMD's, for which the library that libtorch brings has one old kernel.
bool multiplies_faster();

/// a b + bias, then max(0, .) if `rectified`: a [M, K], b [K, N], bias [N] or undefined, all float32 on the CPU and of
/// any strides, to [M, N]. Only where `can_multiply()`. Each element is summed in the same order for any M, N and
/// number of threads. Goto, van de Geijn. Anatomy of High-Performance Matrix Multiplication. ACM TOMS 34, 2008.
Tensor product(const Tensor& a, const Tensor& b, const Tensor& bias = {}, bool rectified = false);

}  // namespace cleave::kernels
