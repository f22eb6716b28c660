#ifndef LUMPSCOPE_LUMP_DISTANCE_STUB_H
#define LUMPSCOPE_LUMP_DISTANCE_STUB_H

#include "lumpscope/distance.h"

bool distance_block(const struct distance_source *source, size_t first, size_t count, double *out,
                    const struct progress *progress, struct error *error);
/* Joint distances of merged neuron i to `count` others: out [count]. */
bool distance_merged_row(struct distance_source *source, size_t i, const uint32_t *others,
                         size_t count, double *out, const struct progress *progress,
                         struct error *error);

#endif
