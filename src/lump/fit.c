#include "lump/fit.h"

#include "lumpscope/memory.h"

#include "model/backprop.h"

#include <lbfgs.h>
#include <math.h>
#include <string.h>

enum { BATCH = 512, MEMORY = 10 };

/* What the callbacks of liblbfgs share. */
struct state {
    struct network *network;
    const struct fit *fit;
    struct backprop backprop;
    double *part; /* [parameters] gradient of one batch */
    double *best; /* [parameters] */
    double least; /* the loss that counts, at `best` */
    size_t done;  /* iterations */
    const struct progress *progress;
    struct error *error;
    bool stopped; /* `error` says why */
};

static void read_parameters(const struct network *network, double *out) {
    for (size_t l = 0; l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        memcpy(out, layer->weights, layer->neurons * layer->inputs * sizeof *out);
        out += layer->neurons * layer->inputs;
        memcpy(out, layer->bias, layer->neurons * sizeof *out);
        out += layer->neurons;
    }
}

static void write_parameters(struct network *network, const double *from) {
    for (size_t l = 0; l < network->depth; l++) {
        struct layer *layer = &network->layers[l];
        memcpy(layer->weights, from, layer->neurons * layer->inputs * sizeof *from);
        from += layer->neurons * layer->inputs;
        memcpy(layer->bias, from, layer->neurons * sizeof *from);
        from += layer->neurons;
    }
}

/* Mean squared difference over all rows, batch by batch; `gradient` NULL: not wanted. */
static bool evaluate(struct state *state, const struct matrix *x, const struct matrix *target,
                     double *loss, double *gradient) {
    size_t parameters = network_parameters(state->backprop.network);
    *loss = 0;
    if (gradient)
        memset(gradient, 0, parameters * sizeof *gradient);
    for (size_t start = 0; start < x->rows; start += BATCH) {
        size_t rows = x->rows - start < BATCH ? x->rows - start : BATCH;
        double share = (double)rows / (double)x->rows;
        if (!progress_step(state->progress, state->fit->what, state->done, state->fit->iterations,
                           state->error))
            return false;
        backprop_forward(&state->backprop, matrix_row(x, start), rows);
        *loss += share * backprop_loss(&state->backprop, matrix_row(target, start), rows);
        if (!gradient)
            continue;
        backprop_gradient(&state->backprop, matrix_row(x, start), matrix_row(target, start), rows,
                          state->part);
        for (size_t k = 0; k < parameters; k++)
            gradient[k] += share * state->part[k];
    }
    return true;
}

/* A step into weights that overflow counts as a very bad one, so that the line search turns back.
 */
static lbfgsfloatval_t loss_and_gradient(void *user, const lbfgsfloatval_t *x,
                                         lbfgsfloatval_t *gradient, int count,
                                         lbfgsfloatval_t step) {
    struct state *state = user;
    double loss = 0;
    (void)step;
    write_parameters(state->network, x);
    state->stopped =
        state->stopped || !evaluate(state, state->fit->x, state->fit->target, &loss, gradient);
    bool finite = isfinite(loss) && !state->stopped;
    for (int k = 0; finite && k < count; k++)
        finite = isfinite(gradient[k]);
    for (int k = 0; k < count; k++)
        if (!finite || (state->fit->frozen && state->fit->frozen[k]))
            gradient[k] = 0;
    return finite ? loss : 1e150;
}

/* After every iteration: is this the best state yet? */
static int judge(void *user, const lbfgsfloatval_t *x, const lbfgsfloatval_t *gradient,
                 lbfgsfloatval_t loss, lbfgsfloatval_t x_norm, lbfgsfloatval_t gradient_norm,
                 lbfgsfloatval_t step, int count, int iteration, int evaluations) {
    struct state *state = user;
    (void)gradient, (void)x_norm, (void)gradient_norm, (void)step, (void)evaluations;
    state->done = (size_t)iteration;
    if (state->stopped)
        return 1;
    if (state->fit->held_x) {
        write_parameters(state->network, x);
        if (!evaluate(state, state->fit->held_x, state->fit->held_target, &loss, NULL)) {
            state->stopped = true;
            return 1;
        }
    }
    if (loss < state->least) {
        state->least = loss;
        memcpy(state->best, x, (size_t)count * sizeof *state->best);
    }
    return 0;
}

static bool state_init(struct state *state, struct error *error) {
    size_t parameters = network_parameters(state->network);
    state->part = memory_new(parameters, sizeof *state->part, error);
    state->best = memory_new(parameters, sizeof *state->best, error);
    return state->part && state->best &&
           backprop_init(&state->backprop, state->network, BATCH, error);
}

static void state_free(struct state *state) {
    free(state->part);
    free(state->best);
    backprop_free(&state->backprop);
}

static bool minimise(struct state *state, size_t parameters, struct error *error) {
    lbfgs_parameter_t settings;
    lbfgsfloatval_t *x = lbfgs_malloc((int)parameters);
    if (!x)
        return error_memory(error, parameters * sizeof *x);
    lbfgs_parameter_init(&settings);
    settings.m = MEMORY;
    settings.max_iterations = (int)state->fit->iterations;
    settings.epsilon = 1e-9;
    memcpy(x, state->best, parameters * sizeof *x);
    /* How else it ends does not matter: a search that finds no better point leaves the best one. */
    int end = lbfgs((int)parameters, x, NULL, loss_and_gradient, judge, state, &settings);
    lbfgs_free(x);
    if (end == LBFGSERR_OUTOFMEMORY)
        return error_memory(error, 2 * MEMORY * parameters * sizeof *x);
    return !state->stopped;
}

bool fit_network(struct network *network, const struct fit *fit, const struct progress *progress,
                 struct error *error) {
    struct error own = {0};
    struct state state = {
        .network = network, .fit = fit, .progress = progress, .error = error ? error : &own};
    size_t parameters = network_parameters(network);
    double *start = memory_new(parameters, sizeof *start, error);
    bool done = start && state_init(&state, error);
    if (done) {
        read_parameters(network, start);
        memcpy(state.best, start, parameters * sizeof *start);
        done = evaluate(&state, fit->held_x ? fit->held_x : fit->x,
                        fit->held_x ? fit->held_target : fit->target, &state.least, NULL);
    }
    if (done && fit->iterations > 0 && isfinite(state.least))
        done = minimise(&state, parameters, error);
    if (start && state.best)
        write_parameters(network, done ? state.best : start);
    state_free(&state);
    free(start);
    return done;
}
