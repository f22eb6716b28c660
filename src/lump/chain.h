/* Internal: chain linkage. The minimum spanning tree of distances that come row by row, in memory
 * of O(n): of all that has come only the tree so far and what may still improve it are kept.
 *
 * Edges have the total order of compare_merges (height, then a, then b), in which there is one
 * minimum spanning tree, whatever the order and the pieces its edges come in. */
#ifndef LUMPSCOPE_LUMP_CHAIN_H
#define LUMPSCOPE_LUMP_CHAIN_H

#include "lumpscope/dendrogram.h"

struct spanning {
    size_t n;
    struct merge *edge; /* [room] the tree's edges in order, then those that came since */
    size_t tree, count, room;
    /* The tree when it joins all (tree == n - 1): rooted where its smallest edge ends. */
    uint32_t *order;  /* [n] neurons, each after its parent */
    uint32_t *parent; /* [n] */
    uint32_t *rank;   /* [n] the edge to the parent, as its place in `edge` */
    double *reach;    /* [n] height of the largest edge between the neuron and the root */
    uint32_t *worst;  /* [n] working space: on the way from some neuron, the rank of the largest */
    uint32_t *start, *near; /* [n + 1], [2 n] working space: edges at each neuron */
    uint32_t *passed;       /* [n] working space: neurons of a row that may improve the tree */
};

bool spanning_init(struct spanning *spanning, size_t n, struct error *error);
void spanning_free(struct spanning *spanning); /* a zeroed struct may be freed */
/* One edge, such as those of a tree that was the smallest for other distances: the better the first
 * ones are, the fewer of the rest have to be kept. */
void spanning_add(struct spanning *spanning, uint32_t a, uint32_t b, double height);
/* Distances of neuron i to i + 1 .. n - 1: row [n - 1 - i]. */
void spanning_offer(struct spanning *spanning, size_t i, const double *row);
/* When every row has been offered: the tree's n - 1 edges lie in `edge`, in order. */
void spanning_finish(struct spanning *spanning);

/* The dendrogram of a finished tree whose heights are `divisor` times those of the dendrogram (0:
 * they are not divided). */
bool dendrogram_init_spanning(struct dendrogram *dendrogram, const struct spanning *spanning,
                              double divisor, double unit, struct error *error);

#endif
