/* Internal: activations of many values. */
#ifndef LUMPSCOPE_MODEL_ACTIVATION_KERNEL_H
#define LUMPSCOPE_MODEL_ACTIVATION_KERNEL_H

#include "lumpscope/activation.h"

/* Any activation but softmax, in place. */
typedef void activation_kernel(const struct activation *activation, double *values, size_t count);
activation_kernel activation_kernel_portable, activation_kernel_avx2, activation_kernel_avx512;

#endif
