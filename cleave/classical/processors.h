// Innermost loops that are compiled once per kind of processor.
#pragma once

/// A function with this in front exists in several versions; the loader takes the one for the processor at hand. It
/// must stand in a .cpp file. Named by their instructions: GCC 12 would take "arch=haswell" for that one model only.
/// None of them contracts products and sums, so all give the same bits unless they sum in vector lanes.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define CLEAVE_FOR_EVERY_PROCESSOR __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define CLEAVE_FOR_EVERY_PROCESSOR
#endif
