/* From distances to nested classes: chain (single linkage) and complete linkage (method.md 6), and
 * greedy agglomeration (sections 7 and 8). */
#ifndef LUMPSCOPE_DENDROGRAM_H
#define LUMPSCOPE_DENDROGRAM_H

#include "lumpscope/distance.h"
#include "lumpscope/options.h"
#include "lumpscope/partition.h"
#include "lumpscope/progress.h"

struct merge {
    uint32_t a, b; /* smallest members of the two clusters, a < b */
    double height;
};

struct dendrogram {
    size_t leaves;
    size_t count;        /* merges, leaves - 1 (0 for no leaves) */
    struct merge *merge; /* [count] by height, never decreasing; +infinity: never */
    double unit;         /* of the tolerance in dendrogram_merged */
};

/* Distances up to 1e-12 unit, which epsilon 0 merges, count as 0 in all of these. */

/* Linkage chain, straight from the source: rows of distances are made block by block and forgotten,
 * so that it takes memory of O(leaves) beyond a block. Heights are distances divided by `divisor`
 * (0: as they are); among equal ones the order is fixed, but merges nothing that would not merge in
 * any other. */
bool dendrogram_init_chain(struct dendrogram *dendrogram, const struct distance_source *source,
                           double divisor, double unit, const struct progress *progress,
                           struct error *error);
/* Linkage complete. `distances` [leaves x leaves], of which those of i to j > i, and none of the
 * rest, are read, is used as working space. Among equal heights the pair whose smallest members are
 * lowest merges first. `*ambiguous`: some merge had a rival within 1e-12 max(height, unit) that
 * would have led to other classes, so that distances which are off by rounding may have misled it.
 */
bool dendrogram_init_complete(struct dendrogram *dendrogram, double *distances, size_t leaves,
                              double divisor, double unit, bool *ambiguous,
                              const struct progress *progress, struct error *error);
/* Linkage agglomerate: the pair of clusters that is nearest merges, and its distances are measured
 * again as those of the neuron it has become; heights never decrease (a merge that is cheaper than
 * the one before it has its height). Ties as for complete. `source` is a SOURCE_JOINT of `leaves`
 * neurons and is used up, as `distances` (all of it, condensed) are. The unit is 1. */
bool dendrogram_init_agglomerate(struct dendrogram *dendrogram, struct distance_source *source,
                                 double *distances, const struct progress *progress,
                                 struct error *error);
/* No merges: every leaf its own class, as in locked layers. */
bool dendrogram_init_locked(struct dendrogram *dendrogram, size_t leaves, struct error *error);
void dendrogram_free(struct dendrogram *dendrogram);

/* Number of merges at epsilon: the finite heights up to eps + 1e-12 max(eps, unit). */
size_t dendrogram_merged(const struct dendrogram *dendrogram, double epsilon);
/* The classes at epsilon; `classes` has `leaves` neurons and its class_of allocated. O(n). */
bool dendrogram_cut(const struct dendrogram *dendrogram, double epsilon, struct classes *classes,
                    struct error *error);

/* One merge as it is drawn: the leaves at [first, middle) and [middle, end) become one branch. */
struct tree_merge {
    size_t first, middle, end;
    double height;
};
/* The leaves in an order in which no two branches cross, the branch of the smaller member first;
 * branches that never merge stand in the order of their smallest leaves. */
struct dendrogram_order {
    size_t *leaf;             /* [leaves] owned */
    struct tree_merge *merge; /* [count] by height, owned: merge k is that of the dendrogram */
    size_t count;             /* those of finite height */
};
bool dendrogram_order_init(struct dendrogram_order *order, const struct dendrogram *dendrogram,
                           struct error *error);
void dendrogram_order_free(struct dendrogram_order *order); /* a zeroed one may be freed */

#endif
