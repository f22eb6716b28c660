/* Internal: inner loops that are compiled once for every instruction set of src/meson.build and
 * chosen when they run. All sets do the same operations in the same order, so that a result is the
 * same on every machine. */
#ifndef LUMPSCOPE_FOUNDATION_KERNEL_H
#define LUMPSCOPE_FOUNDATION_KERNEL_H

enum kernel_set { KERNEL_PORTABLE, KERNEL_AVX2, KERNEL_AVX512, KERNEL_SETS };

/* The best set this processor runs, or the one that LUMPSCOPE_KERNELS in the environment names
 * (portable, avx2, avx512) where the processor runs it. */
enum kernel_set kernel_set(void);
const char *kernel_set_name(enum kernel_set set);

#define KERNEL_PASTE(name, set)  name##_##set
#define KERNEL_EXPAND(name, set) KERNEL_PASTE(name, set)
/* A kernel's name in the set that is being compiled. */
#define KERNEL(name) KERNEL_EXPAND(name, KERNEL_SET)

#if defined(__x86_64__)
#define KERNEL_EACH(name)                                                                          \
    {                                                                                              \
        [KERNEL_PORTABLE] = name##_portable, [KERNEL_AVX2] = name##_avx2,                          \
        [KERNEL_AVX512] = name##_avx512                                                            \
    }
#else
#define KERNEL_EACH(name)                                                                          \
    {                                                                                              \
        [KERNEL_PORTABLE] = name##_portable, [KERNEL_AVX2] = name##_portable,                      \
        [KERNEL_AVX512] = name##_portable                                                          \
    }
#endif

#endif
