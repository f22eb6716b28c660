/* Training a multi-layer perceptron: Adam with minibatches (Kingma, Ba 2015), decoupled weight
 * decay (Loshchilov, Hutter 2019), cosine rate with a warm-up, gradients clipped by their global
 * norm, early stop on a validation part. The same seed gives the same bits on the same machine,
 * with BLAS on one thread (OPENBLAS_NUM_THREADS=1). */
#ifndef LUMPSCOPE_TRAIN_H
#define LUMPSCOPE_TRAIN_H

#include "lumpscope/network.h"

#include <stdint.h>

enum {
    TRAIN_MAX_HIDDEN = NETWORK_MAX_LAYERS - 1,
    TRAIN_MAX_NEURONS = 1 << 14,    /* of one layer */
    TRAIN_MAX_PARAMETERS = 1 << 24, /* of the network: 128 MB, and seven times that in training */
    TRAIN_MAX_EPOCHS = 1000000,
    TRAIN_MAX_BATCH = 1 << 16,
};

struct train_layer {
    size_t neurons;
    struct activation activation; /* any but softmax */
};

struct train_options {
    enum task task;
    struct train_layer *hidden; /* [hidden_count] owned; none: one layer from inputs to outputs */
    size_t hidden_count;
    size_t epochs;     /* at most; 0: train_default_epochs */
    size_t batch;      /* rows of a minibatch, at most */
    double rate;       /* Adam's step at its height, in (0, 1] */
    double decay;      /* weights -= rate decay weights every step, in [0, 100] */
    double validation; /* share of the rows that decides when to stop, in [0, 0.9] */
    uint64_t seed;     /* initial weights, validation part, order of the rows */
};

/* No hidden layers, epochs 0, batch 32, rate 0.005, decay 0.01, validation 0.1, seed 1. */
void train_options_defaults(struct train_options *options);
void train_options_free(struct train_options *options);
/* ERROR_USAGE, naming the option, when a number is outside of its limits. */
bool train_options_check(const struct train_options *options, struct error *error);

/* Replaces the hidden layers by those of "64:square,4:linear,64:relu": SIZE[:ACTIVATION] for each,
 * relu where there is no activation. leaky_relu and elu may be followed by their parameter
 * ("8:elu:0.5"), polynomial is followed by c0:c1:... ("8:polynomial:0:1:0.5"). ERROR_USAGE names
 * the layer and what may stand there; the layers are then as they were. */
bool train_parse_layers(const char *text, struct train_options *options, struct error *error);

/* Raw numbers, borrowed. */
struct train_data {
    const struct matrix *inputs;  /* [n x inputs] */
    const struct matrix *targets; /* [n x outputs]; classification: [n x 1] class indices */
    const size_t *rows;           /* [count] the rows to train on, NULL: the first `count` */
    size_t count;                 /* at least 2 */
    size_t classes;               /* classification: number of classes, at least 2 */
};

/* Epochs by default for so many rows learnt from: as many as pass 2 million rows through the
 * network, or 1e11 products of rows and parameters where that is less (about half a minute), but at
 * least 10 and at most 1000. */
size_t train_default_epochs(size_t rows, size_t parameters);

struct train_epoch {
    size_t epoch, epochs; /* epoch from 1 */
    double loss;          /* training loss, mean over the epoch: squared error of standardised
                             targets, or cross entropy in nats */
    double validation;    /* loss on the validation part after the epoch; of the training rows when
                             there is no validation part */
    double best;          /* the lowest of those so far; its weights are kept */
    size_t best_epoch;
    double rate; /* the rate at its height: below the one asked for after a restart */
};

/* Whoever wants to know. Everything may be NULL. */
struct train_watch {
    const struct progress *progress; /* every step; false stops with ERROR_CANCELLED */
    void (*epoch)(void *user, const struct train_epoch *epoch); /* after every epoch */
    void *user;
};

/* Trains the hidden layers of `options` with a linear output layer, or a softmax one for
 * classification, and returns the network with the lowest validation loss; the caller frees it, and
 * sets names and title. Inputs and regression targets are standardised on the rows of `data` (scale
 * 1 for a constant column) and the network's scaling is filled accordingly, given = true.
 *
 * A tenth of the rows (`validation`), but not fewer than 20 or a quarter, is set aside by the seed
 * (of fewer than 20 rows none); training stops when a third of the epochs, at least 20, has brought
 * no better validation loss. Weights are evaluated and kept as their moving average over about one
 * epoch. When the numbers grow without bounds, or the result is far worse than a constant, training
 * starts again at a quarter of the rate, five times at most, and then fails.
 *
 * ERROR_REQUEST for data that cannot be trained on, ERROR_USAGE for options outside their limits.
 * `watch` may be NULL. */
struct network *train_network(const struct train_options *options, const struct train_data *data,
                              const struct train_watch *watch, struct error *error);

#endif
