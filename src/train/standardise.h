/* From raw rows to what a network is trained on. */
#ifndef LUMPSCOPE_TRAIN_STANDARDISE_H
#define LUMPSCOPE_TRAIN_STANDARDISE_H

#include "lumpscope/network.h"

/* Mean and standard deviation (over `count` rows, divided by their number) of every column of the
 * chosen rows into `scaling`, given = true; 1 for a constant column, whose mean is its value.
 * Neither overflows or vanishes on the way for large or small numbers. `what` is "input" or
 * "target" in sentences; ERROR_REQUEST for a number that is not finite or a column too wide for a
 * double. `rows` [count]; scaling->count is the number of columns. */
bool standardise_measure(const struct matrix *raw, const size_t *rows, size_t count,
                         const char *what, struct scaling *scaling, struct error *error);

/* out [count x columns] = (raw - mean) / scale of the chosen rows. */
bool standardise_apply(const struct matrix *raw, const size_t *rows, size_t count,
                       const struct scaling *scaling, struct matrix *out, struct error *error);

#endif
