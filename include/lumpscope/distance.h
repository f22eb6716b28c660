/* Distances between the live neurons of one hidden layer (method.md sections 3, 4 and 7). */
#ifndef LUMPSCOPE_DISTANCE_H
#define LUMPSCOPE_DISTANCE_H

#include "lumpscope/calibration.h"
#include "lumpscope/options.h"
#include "lumpscope/partition.h"

/* What the distances of a layer are made from. Zero-initialise. */
struct distance_source {
    enum { SOURCE_FEATURES, SOURCE_JOINT } kind;
    size_t neurons;
    enum norm norm; /* how coefficients add up; ERODE's own sums are l1 */
    double factor;  /* final multiplier: 3 for ERODE's linear consumers, else 1 */

    /* Coefficients that are kept: one row per coefficient, one column per neuron. */
    struct matrix columns; /* [m x neurons], owned when `columns_owned` */
    bool columns_owned;

    /* Classes of consumer neurons whose coefficients are made one class at a time. */
    enum { BLOCK_NONE, BLOCK_SQUARE, BLOCK_ERODE_SQUARE, BLOCK_POLYNOMIAL } block_kind;
    const struct layer *consumer; /* borrowed */
    double block_factor, block_shift;
    struct class_members groups;
    size_t group_count;
    double *gram; /* BLOCK_POLYNOMIAL: G [n_{l+1} x n_{l+1}] of section 3 */

    /* Joint: everything neuron by neuron, contiguous. */
    size_t rows;      /* calibration rows */
    size_t consumers; /* n_{l+1} */
    struct activation activation;
    double *pre;     /* [neurons x rows] u */
    double *centred; /* [neurons x rows] x minus its mean */
    double *spread;  /* [neurons] sums of squares of the latter */
    double *sent;    /* [neurons x consumers] g_m V[m,j] */
    double *energy;  /* [neurons] K_jj */
    double *weight;  /* [neurons] a_j, the share of the incoming weights; sqrt(K_jj) of neurons */
    double output_variance;
};

/* Forward: layer `l` (from 1) of a prepared network, classes of its consumer (NULL: every consumer
 * neuron its own class, as for outputs). */
bool distance_forward(struct distance_source *source, const struct network *network, size_t l,
                      const struct classes *consumer_classes, enum norm norm, struct error *error);
/* Backward: classes of the layer before (NULL: inputs). */
bool distance_backward(struct distance_source *source, const struct network *network, size_t l,
                       const struct classes *source_classes, enum norm norm, struct error *error);
/* Joint, from a canonically balanced network and its calibration with sensitivities. */
bool distance_joint(struct distance_source *source, const struct network *network, size_t l,
                    const struct calibration *calibration, struct error *error);
void distance_source_free(struct distance_source *source);

/* d(i,j) for all i < j at out[distance_index(n, i, j)], n (n-1)/2 of them, in the unit of the
 * definition (absolute). A distance that overflowed is +infinity. */
bool distance_all(const struct distance_source *source, double *out,
                  const struct progress *progress, struct error *error);
/* The same for i in [first, first + count) and every j > i at out[(i - first) * n + j]; the rest of
 * `out` [count x n] is left undefined. */
bool distance_block(const struct distance_source *source, size_t first, size_t count, double *out,
                    const struct progress *progress, struct error *error);
/* d(i,j) for one i and every j: out [neurons]. */
bool distance_row(const struct distance_source *source, size_t i, double *out, struct error *error);

/* What agglomeration does to a SOURCE_JOINT: neuron (cluster) j becomes part of i, whose incoming
 * weights are the shares of both, whose outgoing vector is the best for both, and whose weight is
 * the sum. j is not to be used any more. `work` [rows]. */
void distance_merge(struct distance_source *source, size_t i, size_t j, double *work);

/* The mean over the layer's neurons of || phi_j ||_p: the unit of relative distances. For
 * SOURCE_FEATURES, and not for ERODE's own sums. */
bool distance_mean_norm(const struct distance_source *source, double *mean,
                        const struct progress *progress, struct error *error);

static inline size_t distance_index(size_t n, size_t i, size_t j) {
    return i * n - i * (i + 1) / 2 + (j - i - 1);
}

#endif
