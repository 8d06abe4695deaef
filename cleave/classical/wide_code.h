// Vector instructions chosen when the program starts.
#pragma once

/// Before a function: it is compiled for several processors, and the best that the machine has is called. The library
/// is built without fused multiply-add, so all of them give the same bits.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define CLEAVE_WIDE_CODE __attribute__((target_clones("default", "arch=haswell", "arch=skylake-avx512")))
#else
#define CLEAVE_WIDE_CODE
#endif
