/* Internal: joint distances of pairs. */
#ifndef LUMPSCOPE_LUMP_JOINT_H
#define LUMPSCOPE_LUMP_JOINT_H

#include "lump/tiles.h"

/* All pairs i < j of the sink, on all processors. */
bool joint_distances(const struct distance_source *source, const struct tile_sink *sink,
                     const struct progress *progress, struct error *error);

/* One neuron to each of `others` [count], on all processors where it is worth it: out [count]. */
bool joint_distances_of(const struct distance_source *source, size_t neuron, const uint32_t *others,
                        size_t count, double *out, const struct progress *progress,
                        struct error *error);

#endif
