/* Internal: the weights of a network fitted to given outputs by L-BFGS. */
#ifndef LUMPSCOPE_LUMP_FIT_H
#define LUMPSCOPE_LUMP_FIT_H

#include "lumpscope/network.h"

struct fit {
    const struct matrix *x;           /* [rows x inputs] */
    const struct matrix *target;      /* [rows x outputs] */
    const struct matrix *held_x;      /* rows held aside; NULL: none */
    const struct matrix *held_target; /* with held_x */
    const bool *frozen; /* [network_parameters] that stay, in the order of backprop_gradient; NULL:
                           none */
    size_t iterations;  /* at most */
    const char *what;   /* for the progress */
};

/* Minimises the mean squared difference between the network's outputs and the targets over rows and
 * outputs. The last layer is linear. With rows held aside the state is kept that is best on them,
 * the start among them; without, the best on the rows themselves. Where the start is not finite
 * nothing changes. When stopped the network is as it was. */
bool fit_network(struct network *network, const struct fit *fit, const struct progress *progress,
                 struct error *error);

#endif
