/* The relaxed system of a network over time (method.md section 2, "Time view"): inputs constant,
 *     x_l' = -x_l + s_l(W_l x_{l-1} + b_l),   l = 1..L,
 * every neuron, outputs included, starting at 0. It comes to rest at the forward pass. A softmax is
 * left off, so that the outputs come to rest at the logits. */
#ifndef LUMPSCOPE_TRAJECTORY_H
#define LUMPSCOPE_TRAJECTORY_H

#include "lumpscope/network.h"

struct trajectory {
    size_t points, depth;
    double *time; /* [points] from 0 to the end, equally spaced; no unit: e^-t is the decay */
    struct matrix *state; /* [depth] state[l - 1] = x_l over time, [points x n_l] */
};

/* Integrates from time 0 to `end_time` > 0, seen at `points` >= 2 times. The local error is held at
 * 1e-8 of a neuron's value plus 1e-8 of the layer's largest value at rest. `input` [inputs] in
 * network space. Refuses a row on which a layer overflows, naming the layer and the time. On
 * failure `out` is empty. */
bool trajectory_run(const struct network *network, const double *input, double end_time,
                    size_t points, struct trajectory *out, const struct progress *progress,
                    struct error *error);
void trajectory_free(struct trajectory *trajectory); /* a zeroed struct may be freed */

/* One class of one hidden layer in a network and in its reduced one. */
struct trajectory_pair {
    size_t points;
    double *time;     /* [points] */
    double *original; /* [points] sum over the members */
    double *reduced;  /* [points] what the merged neurons say that sum is */
    double gap;       /* largest |original - reduced| over the points */
    double gap_time;  /* the first time at which it is reached */
};

/* Weighs and sums the neurons of hidden layer `layer` (from 1): `original_weights` [n_l] and
 * `reduced_weights` [m_l], 0 for neurons outside the class, as merged_weights gives them (see
 * aggregate.h, which says what is compared with what). Both trajectories are over the same times.
 */
bool trajectory_compare(const struct trajectory *original, const double *original_weights,
                        const struct trajectory *reduced, const double *reduced_weights,
                        size_t layer, struct trajectory_pair *out, struct error *error);
void trajectory_pair_free(struct trajectory_pair *pair); /* a zeroed struct may be freed */

#endif
