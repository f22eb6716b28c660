/* Internal: what the linkages share. */
#ifndef LUMPSCOPE_LUMP_LINKAGE_H
#define LUMPSCOPE_LUMP_LINKAGE_H

#include "lumpscope/dendrogram.h"

/* For qsort: by height, then a, then b. */
int compare_merges(const void *x, const void *y);

/* An empty dendrogram with room for `leaves` - 1 merges. */
bool dendrogram_reserve(struct dendrogram *dendrogram, size_t leaves, double unit,
                        struct error *error);

/* Distances that epsilon 0 takes for equal are equal: which of them merges first must not hang on
 * rounding. */
static inline double without_rounding(double distance, double unit) {
    return distance <= 1e-12 * unit ? 0 : distance;
}

#endif
