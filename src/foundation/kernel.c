#include "foundation/kernel.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[KERNEL_SETS] = {"portable", "avx2", "avx512"};

const char *kernel_set_name(enum kernel_set set) {
    return names[set];
}

static enum kernel_set best(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
        return KERNEL_AVX512;
    if (__builtin_cpu_supports("avx2"))
        return KERNEL_AVX2;
#endif
    return KERNEL_PORTABLE;
}

enum kernel_set kernel_set(void) {
    enum kernel_set set = best();
    const char *wanted = getenv("LUMPSCOPE_KERNELS");
    for (int k = 0; wanted && k < (int)set; k++)
        if (strcmp(wanted, names[k]) == 0)
            return (enum kernel_set)k;
    return set;
}
