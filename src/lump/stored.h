/* Internal: the distances of one layer kept, so that when classes of the layer they depend on merge
 * or split, only what those classes contribute is taken out and put in.
 *
 * That works where distances are sums over the neighbour's classes: for l1 and ERODE's own sums,
 * and for l2 (and degrees above 2) in squares. Taking out and putting in leaves rounding behind,
 * which is kept far below the tolerance of 1e-12: a layer whose rounding might have grown beyond
 * NOISE_MOST of the unit is to be made anew, and so are rows with l2 distances so small that the
 * rounding of their squares would show. */
#ifndef LUMPSCOPE_LUMP_STORED_H
#define LUMPSCOPE_LUMP_STORED_H

#include "lumpscope/dendrogram.h"

/* Which distances. */
struct stored_layer {
    const struct network *network; /* prepared */
    size_t l;                      /* hidden layer, from 1 */
    enum relation relation;        /* forward or backward */
    enum norm norm;
};

/* Zero-initialise. */
struct stored {
    size_t n;
    double *sum;            /* [n (n - 1) / 2] condensed; NULL: nothing is kept */
    bool squares;           /* they are squares of distances */
    struct classes classes; /* of the neighbour, that they hold for; owned */
    double mean;            /* mean norm; not for ERODE's own sums */
    double largest;         /* of `sum`, since they were made */
    double terms;           /* what was put in or taken out since, per distance */
    struct merge *edge;     /* [n - 1] the last spanning tree, NULL: none yet; heights are old */
};

void stored_free(struct stored *stored);

/* Whether distances of the layer are such sums. */
bool stored_possible(const struct stored_layer *layer);
/* Bytes that the distances of n neurons take. */
double stored_bytes(size_t n);

/* Everything anew, from the layer's source for `classes`. Keeps nothing (`sum` is NULL) where
 * squares leave the range of numbers. */
bool stored_make(struct stored *stored, const struct stored_layer *layer,
                 const struct classes *classes, const struct progress *progress,
                 struct error *error);
/* To other classes. `*moved` false: so much is different, or so much rounding has gathered, that
 * it has to be made anew. After a failure nothing is kept. */
bool stored_move(struct stored *stored, const struct stored_layer *layer,
                 const struct classes *classes, bool *moved, const struct progress *progress,
                 struct error *error);
/* The dendrogram; distances are divided by `divisor` (0: they are not). `*ambiguous` as for
 * dendrogram_init_complete, for which `matrix` [n x n] is working space; chain needs none. */
bool stored_dendrogram(struct stored *stored, enum linkage linkage, double divisor, double unit,
                       double *matrix, struct dendrogram *dendrogram, bool *ambiguous,
                       const struct progress *progress, struct error *error);

#endif
