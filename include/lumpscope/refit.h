/* Ridge least squares that make a layer reproduce given pre-activations (method.md section 8). */
#ifndef LUMPSCOPE_REFIT_H
#define LUMPSCOPE_REFIT_H

#include "lumpscope/network.h"

/* Replaces weights and bias of `consumer` so that on the rows of `x` [N x consumer->inputs] it
 * comes as near as ridge least squares allow to `target` [N x consumer->neurons]. Neurons that are
 * no nearer with it, or of which a figure is not finite, stay as they are. */
bool refit_layer(struct layer *consumer, const struct matrix *x, const struct matrix *target,
                 const struct progress *progress, struct error *error);

#endif
