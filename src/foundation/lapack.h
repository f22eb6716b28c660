/* What LAPACKE's answers mean. */
#ifndef LUMPSCOPE_LAPACK_H
#define LUMPSCOPE_LAPACK_H

#include <lapacke.h>
#include <stdbool.h>

/* It had no memory to work in: that says nothing about the numbers. */
static inline bool lapack_no_memory(lapack_int answer) {
    return answer == LAPACK_WORK_MEMORY_ERROR || answer == LAPACK_TRANSPOSE_MEMORY_ERROR;
}

#endif
