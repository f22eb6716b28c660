#include "lump/polish.h"

#include "lumpscope/aggregate.h"
#include "lumpscope/calibration.h"
#include "lumpscope/memory.h"

#include "lump/fit.h"

#include <math.h>
#include <string.h>

enum { LAYER_ITERATIONS = 30, HELD_EVERY = 10 };

struct polish {
    struct calibration start;          /* the fitted rows in the starting network, with g */
    struct matrix held;                /* rows held aside; none: 0 rows */
    struct matrix output, held_output; /* of the original; logits */
    size_t iterations;
};

void polish_free(struct polish *polish) {
    if (!polish)
        return;
    calibration_free(&polish->start);
    matrix_free(&polish->held);
    matrix_free(&polish->output);
    matrix_free(&polish->held_output);
    free(polish);
}

static bool is_held(const struct matrix *rows, size_t r) {
    return rows->rows >= HELD_EVERY && r % HELD_EVERY == HELD_EVERY - 1;
}

static bool split_rows(const struct matrix *rows, struct matrix *fitted, struct matrix *held,
                       struct error *error) {
    size_t count = 0, to[2] = {0, 0};
    for (size_t r = 0; r < rows->rows; r++)
        count += is_held(rows, r);
    if (!matrix_init(fitted, rows->rows - count, rows->columns, error) ||
        !matrix_init(held, count, rows->columns, error))
        return false;
    for (size_t r = 0; r < rows->rows; r++) {
        bool aside = is_held(rows, r);
        memcpy(matrix_row(aside ? held : fitted, to[aside]++), matrix_row(rows, r),
               rows->columns * sizeof(double));
    }
    return true;
}

static bool outputs(const struct network *network, const struct matrix *x, struct matrix *out,
                    const struct progress *progress, struct error *error) {
    return matrix_init(out, x->rows, network_outputs(network), error) &&
           network_forward(network, x->data, x->rows, true, out->data, progress, error);
}

struct polish *polish_new(const struct network *original, const struct network *start,
                          const struct matrix *rows, size_t iterations, uint64_t seed,
                          const struct progress *progress, struct error *error) {
    struct polish *polish = memory_new(1, sizeof *polish, error);
    struct matrix fitted = {0};
    if (!polish)
        return NULL;
    polish->iterations = iterations;
    bool done = split_rows(rows, &fitted, &polish->held, error) &&
                calibration_init(&polish->start, start, &fitted, true, seed, progress, error) &&
                outputs(original, &fitted, &polish->output, progress, error) &&
                outputs(original, &polish->held, &polish->held_output, progress, error);
    matrix_free(&fitted);
    if (!done) {
        polish_free(polish);
        return NULL;
    }
    return polish;
}

const struct matrix *polish_inputs(const struct polish *polish) {
    return &polish->start.x;
}

/* Multiplies the consumer's rows by g, or divides them again; a row of sensitivity 0 does not
 * matter to the output and is left as it is. */
static void weigh_rows(struct layer *consumer, const double *g, bool multiply) {
    for (size_t i = 0; i < consumer->neurons; i++) {
        double factor = g[i] == 0 ? 1 : multiply ? g[i] : 1 / g[i];
        for (size_t j = 0; j < consumer->inputs; j++)
            consumer->weights[i * consumer->inputs + j] *= factor;
        consumer->bias[i] *= factor;
    }
}

/* A component weighted by g is one whose consumer row and target are multiplied by g: so that a
 * plain mean squared difference is minimised. */
bool polish_layer(const struct polish *polish, size_t l, struct layer *layer,
                  struct layer *consumer, const struct matrix *before, const bool *frozen,
                  const struct progress *progress, struct error *error) {
    const double *g = polish->start.sensitivity[l - 1];
    struct matrix target;
    if (!matrix_init_copy(&target, &polish->start.trace.pre[l], error))
        return false;
    for (size_t k = 0; k < target.rows * target.columns; k++)
        target.data[k] *= g[k % target.columns] == 0 ? 1 : g[k % target.columns];
    struct layer layers[2] = {*layer, *consumer};
    layers[1].activation = (struct activation){.kind = ACTIVATION_LINEAR};
    struct network pair = {.layers = layers, .depth = 2};
    struct fit fit = {.x = before,
                      .target = &target,
                      .frozen = frozen,
                      .iterations = LAYER_ITERATIONS,
                      .what = "polishing layer by layer"};
    weigh_rows(consumer, g, true);
    bool done = fit_network(&pair, &fit, progress, error);
    weigh_rows(consumer, g, false);
    matrix_free(&target);
    return done;
}

/* All weights together, towards the original's outputs. */
static bool polish_all(const struct polish *polish, struct network *network, const bool *frozen,
                       const struct progress *progress, struct error *error) {
    struct layer *last = &network->layers[network->depth - 1];
    struct activation activation = last->activation;
    bool aside = polish->held.rows > 0;
    struct fit fit = {.x = &polish->start.x,
                      .target = &polish->output,
                      .held_x = aside ? &polish->held : NULL,
                      .held_target = &polish->held_output,
                      .frozen = frozen,
                      .iterations = polish->iterations,
                      .what = "polishing"};
    if (activation.kind == ACTIVATION_SOFTMAX)
        last->activation = (struct activation){.kind = ACTIVATION_LINEAR};
    bool done = fit_network(network, &fit, progress, error);
    last->activation = activation;
    return done;
}

/* The loss by which states are chosen. */
static bool judge(const struct polish *polish, const struct network *network, double *loss,
                  const struct progress *progress, struct error *error) {
    bool aside = polish->held.rows > 0;
    const struct matrix *x = aside ? &polish->held : &polish->start.x;
    const struct matrix *wanted = aside ? &polish->held_output : &polish->output;
    struct matrix out = {0};
    bool done = outputs(network, x, &out, progress, error);
    *loss = 0;
    for (size_t k = 0; done && k < out.rows * out.columns; k++)
        *loss += (out.data[k] - wanted->data[k]) * (out.data[k] - wanted->data[k]);
    matrix_free(&out);
    return done;
}

/* The better of the two on the judging rows; the other is freed, and both when they are not `made`.
 * An overflow is never better. */
static struct network *choose(const struct polish *polish, bool made, struct network *unpolished,
                              struct network *polished, const struct progress *progress,
                              struct error *error) {
    double before, after;
    bool done = made && judge(polish, unpolished, &before, progress, error) &&
                judge(polish, polished, &after, progress, error);
    bool better = done && (after < before || isnan(before));
    network_free(better ? unpolished : polished);
    if (!done)
        network_free(unpolished);
    return better ? polished : done ? unpolished : NULL;
}

/* Locked layers (from 1) and their consumers. */
static bool *freeze_locked(const struct network *network, const struct options *options,
                           struct error *error) {
    bool *frozen = memory_new(network_parameters(network), sizeof *frozen, error), *at = frozen;
    for (size_t l = 0; frozen && l < network->depth; l++) {
        size_t count = network->layers[l].neurons * (network->layers[l].inputs + 1);
        bool locked = (l + 1 < network->depth && options_locked(options, l + 1)) ||
                      (l > 0 && options_locked(options, l));
        memset(at, locked, count * sizeof *at);
        at += count;
    }
    return frozen;
}

struct network *polish_reduced(const struct polish *polish, const struct refine *refine,
                               const struct progress *progress, struct error *error) {
    struct network *unpolished = aggregate_network(refine, NULL, progress, error);
    struct network *polished =
        unpolished ? aggregate_polished(refine, polish, progress, error) : NULL;
    bool *frozen = polished ? freeze_locked(polished, refine_options(refine), error) : NULL;
    bool done = frozen && polish_all(polish, polished, frozen, progress, error);
    free(frozen);
    return choose(polish, done, unpolished, polished, progress, error);
}

static bool *freeze_zeros(const struct network *network, struct error *error) {
    bool *frozen = memory_new(network_parameters(network), sizeof *frozen, error), *at = frozen;
    for (size_t l = 0; frozen && l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        size_t weights = layer->neurons * layer->inputs;
        for (size_t k = 0; k < weights; k++)
            at[k] = layer->weights[k] == 0;
        at += weights + layer->neurons; /* biases move */
    }
    return frozen;
}

static bool polish_layers(const struct polish *polish, struct network *network, const bool *frozen,
                          const struct progress *progress, struct error *error) {
    struct matrix before;
    bool done = matrix_init_copy(&before, &polish->start.x, error);
    for (size_t l = 0; done && l + 1 < network->depth; l++) {
        struct layer *layer = &network->layers[l];
        done = polish_layer(polish, l + 1, layer, layer + 1, &before, frozen, progress, error) &&
               layer_forward_steps(layer, &before, progress, error);
        frozen += layer->neurons * (layer->inputs + 1);
    }
    matrix_free(&before);
    return done;
}

struct network *polish_pruned(const struct polish *polish, const struct network *pruned,
                              const struct progress *progress, struct error *error) {
    struct network *unpolished = network_copy(pruned, error);
    struct network *polished = unpolished ? network_copy(pruned, error) : NULL;
    bool *frozen = polished ? freeze_zeros(polished, error) : NULL;
    bool done = frozen && polish_layers(polish, polished, frozen, progress, error) &&
                polish_all(polish, polished, frozen, progress, error);
    free(frozen);
    return choose(polish, done, unpolished, polished, progress, error);
}
