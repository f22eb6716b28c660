/* A network on rows with known targets, in batches that can be looked at before all are done. */
#ifndef LUMPSCOPE_EVALUATE_H
#define LUMPSCOPE_EVALUATE_H

#include "lumpscope/metrics.h"

struct evaluation {
    const struct network *network; /* borrowed */
    const struct matrix *inputs;   /* [rows x inputs] network space, borrowed */
    const struct matrix *targets;  /* [rows x outputs] output space, or class indices [rows x 1] */
    struct matrix outputs;         /* [rows x outputs] owned; the first `done` rows are filled */
    size_t done;
};

bool evaluation_init(struct evaluation *evaluation, const struct network *network,
                     const struct matrix *inputs, const struct matrix *targets,
                     struct error *error);
void evaluation_free(struct evaluation *evaluation);
/* Evaluates up to `rows` more rows; true also when none are left. */
bool evaluation_advance(struct evaluation *evaluation, size_t rows, const struct progress *progress,
                        struct error *error);
/* Metrics over the rows done so far. */
void evaluation_metrics(const struct evaluation *evaluation, struct metrics *metrics);

/* All rows at once. */
bool evaluate_network(const struct network *network, const struct matrix *inputs,
                      const struct matrix *targets, struct metrics *metrics,
                      const struct progress *progress, struct error *error);

/* Where a network first overflows on some rows: layer from 1, neuron and row from 0. False:
 * nowhere. */
struct overflow {
    size_t layer, neuron, row;
};
bool evaluate_overflow(const struct network *network, const struct matrix *inputs,
                       struct overflow *where);

#endif
