/* A network on rows with known targets, in batches that can be looked at before all are done. */
#ifndef LUMPSCOPE_EVALUATE_H
#define LUMPSCOPE_EVALUATE_H

#include "lumpscope/metrics.h"

/* Outputs of hidden layers on the first rows, kept from one evaluation to the next: where the next
 * network begins with the same layers, as after a step of epsilon, it begins behind them. Takes at
 * most ACTIVATIONS_BYTES. Zero-initialise. */
enum { ACTIVATIONS_BYTES = 64 << 20 };
struct kept_layer {
    uint64_t hash;   /* of this layer and all before it */
    size_t rows;     /* filled, from the first */
    struct matrix x; /* [kept rows x n_l] */
};
struct activations {
    size_t hidden;
    struct kept_layer *layer;      /* [hidden] */
    const struct evaluation *user; /* the last that was given it */
};
/* Forgets them, as has to be done when the input rows become others. */
void activations_free(struct activations *activations);

struct evaluation {
    const struct network *network; /* borrowed */
    const struct matrix *inputs;   /* [rows x inputs] network space, borrowed */
    const struct matrix *targets;  /* [rows x outputs] output space, or class indices [rows x 1] */
    struct matrix outputs;         /* [rows x outputs] owned; the first `done` rows are filled */
    size_t done;
    struct activations *kept; /* borrowed; NULL: none */
};

bool evaluation_init(struct evaluation *evaluation, const struct network *network,
                     const struct matrix *inputs, const struct matrix *targets,
                     struct error *error);
/* The evaluation, of which nothing is done yet, uses and fills `kept`, which has to outlive it,
 * until another evaluation is given it. */
bool evaluation_keep(struct evaluation *evaluation, struct activations *kept, struct error *error);
void evaluation_free(struct evaluation *evaluation);
/* Evaluates up to `rows` more rows; true also when none are left. */
bool evaluation_advance(struct evaluation *evaluation, size_t rows, const struct progress *progress,
                        struct error *error);
/* Metrics over the rows done so far. */
void evaluation_metrics(const struct evaluation *evaluation, struct metrics *metrics);

/* All rows at once; `kept` may be NULL. */
bool evaluate_network(const struct network *network, const struct matrix *inputs,
                      const struct matrix *targets, struct activations *kept,
                      struct metrics *metrics, const struct progress *progress,
                      struct error *error);

/* The same in single precision, and how far it is from double: the largest difference of an output
 * on any row over the root mean square of that output on all rows (0 where both are 0). */
struct single_metrics {
    struct metrics metrics;
    double difference; /* NaN where something overflowed */
};
bool evaluate_single(const struct network *network, const struct matrix *inputs,
                     const struct matrix *targets, struct single_metrics *single,
                     const struct progress *progress, struct error *error);

/* Where a network first overflows on some rows: layer from 1, neuron and row from 0. False:
 * nowhere. */
struct overflow {
    size_t layer, neuron, row;
};
bool evaluate_overflow(const struct network *network, const struct matrix *inputs,
                       struct overflow *where);

#endif
