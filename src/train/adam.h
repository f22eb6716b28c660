/* Adam over all parameters of a network as one vector: layer after layer, the weights
 * [neurons x inputs] and then the bias, as backprop_gradient writes them. */
#ifndef LUMPSCOPE_TRAIN_ADAM_H
#define LUMPSCOPE_TRAIN_ADAM_H

#include "lumpscope/network.h"

struct adam {
    const struct network *network; /* borrowed, for its shape */
    size_t count;                  /* parameters */
    size_t steps;                  /* taken so far */
    struct matrix memory;          /* the rows below, each [count] */
    double *values;                /* the parameters as they are trained */
    double *gradient;              /* written by the caller before each step */
    double *first, *second;        /* moving averages of the gradient and of its square */
    double *average;               /* moving average of the values */
    double *best;                  /* the average that did best, kept by the caller */
};

bool adam_init(struct adam *adam, const struct network *network, struct error *error);
void adam_free(struct adam *adam);
/* Takes the network's parameters as values and averages and forgets every step. */
void adam_restart(struct adam *adam);

/* Scales the gradient down to the norm `limit` when it is longer; returns the norm it had. */
double adam_clip(struct adam *adam, double limit);
/* One step; biases do not decay. */
void adam_step(struct adam *adam, double rate, double decay);
/* Moves the average towards the values: over the last half of the steps until that is more than
 * `horizon` steps, then over about `horizon`. */
void adam_average(struct adam *adam, double horizon);

/* Copies all parameters between a network and a vector [network_parameters]. */
void parameters_get(const struct network *network, double *values);
void parameters_set(struct network *network, const double *values);

#endif
