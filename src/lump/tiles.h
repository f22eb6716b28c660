/* Internal: distances of many pairs from coefficients, in tiles, on all processors. */
#ifndef LUMPSCOPE_LUMP_TILES_H
#define LUMPSCOPE_LUMP_TILES_H

#include "lumpscope/distance.h"

/* Where the distances of neurons first .. first+count-1 to all later ones go: a matrix [count x n],
 * or (first 0, count n) condensed. */
struct tile_sink {
    double *out;
    size_t first, count;
    size_t neurons;
    bool condensed;
};

static inline double *tile_place(const struct tile_sink *sink, size_t i, size_t j) {
    return sink->out + (sink->condensed ? distance_index(sink->neurons, i, j)
                                        : (i - sink->first) * sink->neurons + j);
}

/* Adds coefficients [depth x neurons] to what is at the sink's places (pairs i < j alone): |x - y|,
 * its square, or the maximum, coefficient by coefficient in their order. */
bool tiles_add(const struct tile_sink *sink, enum norm norm, const double *coefficients,
               size_t depth, const struct progress *progress, struct error *error);

/* Squared Euclidean distances by products of matrices; pairs whose distance is so small against
 * their size that the difference would cancel are summed up as above. */
bool tiles_squares(const struct tile_sink *sink, const double *coefficients, size_t depth,
                   const struct progress *progress, struct error *error);

#endif
