/* Loss and gradient of a network on a batch of rows, by back-propagation. */
#ifndef LUMPSCOPE_MODEL_BACKPROP_H
#define LUMPSCOPE_MODEL_BACKPROP_H

#include "lumpscope/network.h"

/* What a batch leaves behind on its way through the network; room for `capacity` rows. */
struct backprop {
    const struct network *network; /* borrowed; its last layer is linear or softmax */
    size_t capacity;
    struct matrix *pre;   /* [depth] pre[l-1] = u_l [capacity x n_l] */
    struct matrix *post;  /* [depth] post[l-1] = x_l [capacity x n_l]; softmax applied */
    struct matrix *delta; /* [depth] d loss / d u_l [capacity x n_l] */
};

bool backprop_init(struct backprop *backprop, const struct network *network, size_t capacity,
                   struct error *error);
void backprop_free(struct backprop *backprop);

/* x_l = s_l(u_l) of one layer (from 0) for `rows` <= capacity rows of its input `x`. */
void backprop_layer(struct backprop *backprop, size_t layer, const double *x, size_t rows);
/* All layers. x [rows x inputs] in network space. */
void backprop_forward(struct backprop *backprop, const double *x, size_t rows);

/* The loss of the rows that went forward last. Regression: the mean over rows and outputs of the
 * squared difference, targets [rows x outputs]. Classification: the mean over rows of the cross
 * entropy in nats, targets [rows x 1] class indices. */
double backprop_loss(const struct backprop *backprop, const double *targets, size_t rows);

/* The derivative of that loss by every parameter: `gradient` [network_parameters], layer after
 * layer, the weights [neurons x inputs] and then the bias. `x` as it went forward. */
void backprop_gradient(struct backprop *backprop, const double *x, const double *targets,
                       size_t rows, double *gradient);

#endif
