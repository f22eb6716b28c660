/* Calibration rows seen by a network: activations, and how strongly the output answers to every
 * pre-activation (method.md section 7). No labels are used. */
#ifndef LUMPSCOPE_CALIBRATION_H
#define LUMPSCOPE_CALIBRATION_H

#include "lumpscope/network.h"

#include <stdint.h>

struct calibration {
    struct matrix x;    /* [rows x inputs] in network space, owned */
    struct trace trace; /* of the network the aggregation starts from */
    /* g of layer l+1, for hidden layer l at [l - 1]: [n_{l+1}] RMS over rows of
     * || d output / d u_{l+1,m} ||_2. NULL when only the trace was asked for. */
    double **sensitivity;
    size_t hidden;
    double output_variance; /* sum over outputs of the variance over rows */
};

/* Copies `x`. `sensitivities`: also g; every output is propagated back when there are at most 16,
 * else 16 probes from `seed`. Fails when a figure overflows, naming the layer, and (with
 * sensitivities) when the output is constant on the rows. */
bool calibration_init(struct calibration *calibration, const struct network *network,
                      const struct matrix *x, bool sensitivities, uint64_t seed,
                      const struct progress *progress, struct error *error);
void calibration_free(struct calibration *calibration);

#endif
