/* Initial weights that fit the data. */
#ifndef LUMPSCOPE_TRAIN_INITIALISE_H
#define LUMPSCOPE_TRAIN_INITIALISE_H

#include "model/backprop.h"

#include "lumpscope/rng.h"

/* Normal weights, layer after layer scaled and shifted so that on `rows` rows of `x` (in network
 * space, at most the capacity of `backprop`, whose network this is) every pre-activation has mean 0
 * and variance 1 before a bias of standard deviation 1/2 is added. Nothing grows or fades with
 * depth that way, whatever the activations: squares of squares neither. The output layer gets a
 * tenth of that, and no bias: training starts near the mean of the targets. */
bool initialise_network(struct network *network, struct backprop *backprop, const double *x,
                        size_t rows, struct rng *rng, const struct progress *progress,
                        struct error *error);

#endif
