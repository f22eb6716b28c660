#include "lumpscope/network.h"

#include "lumpscope/memory.h"
#include "lumpscope/parallel.h"

#include "model/batches.h"

void layer_preactivations(const struct layer *layer, const double *x, size_t rows, double *u) {
    matrix_multiply_nt(x, layer->weights, u, rows, layer->neurons, layer->inputs);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < layer->neurons; i++)
            u[r * layer->neurons + i] += layer->bias[i];
}

void layer_activate(const struct layer *layer, bool logits, double *u, size_t rows) {
    if (logits && layer->activation.kind == ACTIVATION_SOFTMAX)
        return;
    activation_apply(&layer->activation, u, rows, layer->neurons);
}

/* u = x W^T of `neurons` neurons from `first` on, added up from blocks of inputs. */
static bool multiply_panel(const struct layer *layer, const double *x, size_t rows, double *u,
                           size_t first, size_t neurons, struct batches *batches, size_t thread,
                           struct error *error) {
    size_t start = 0;
    do {
        size_t left = layer->inputs - start, count = left < BATCHES_INPUTS ? left : BATCHES_INPUTS;
        if (!batches_go_on(batches, thread, error))
            return false;
        matrix_multiply_nt_part(x + start, layer->inputs,
                                layer->weights + first * layer->inputs + start, layer->inputs,
                                start > 0, u + first, layer->neurons, rows, neurons, count);
        start += count;
    } while (start < layer->inputs);
    return true;
}

/* Adds the bias and, where asked for, applies the activation while the values are in cache. */
static void finish_panel(const struct layer *layer, size_t rows, bool activate, double *u,
                         size_t first, size_t neurons) {
    for (size_t r = 0; r < rows; r++) {
        double *row = u + r * layer->neurons + first;
        for (size_t i = 0; i < neurons; i++)
            row[i] += layer->bias[first + i];
        if (activate)
            activation_apply(&layer->activation, row, 1, neurons);
    }
}

/* One layer of a batch: u [rows x neurons] from x [rows x inputs]. */
static bool layer_batch(const struct layer *layer, const double *x, size_t rows, bool activate,
                        double *u, struct batches *batches, size_t thread, struct error *error) {
    size_t panel = batches_panel(rows);
    bool whole = layer->activation.kind == ACTIVATION_SOFTMAX; /* acts on rows */
    for (size_t first = 0; first < layer->neurons; first += panel) {
        size_t left = layer->neurons - first, count = left < panel ? left : panel;
        if (!multiply_panel(layer, x, rows, u, first, count, batches, thread, error))
            return false;
        finish_panel(layer, rows, activate && !whole, u, first, count);
    }
    if (activate && whole)
        activation_apply(&layer->activation, u, rows, layer->neurons);
    return true;
}

struct layer_run {
    struct batches batches;
    const struct layer *layer;
    const struct matrix *x;
    struct matrix *u;
};

static bool layer_piece(void *user, size_t piece, size_t thread, struct error *error) {
    struct layer_run *run = user;
    size_t first = piece * run->batches.batch;
    bool done =
        layer_batch(run->layer, matrix_row(run->x, first), batches_rows(&run->batches, piece),
                    false, matrix_row(run->u, first), &run->batches, thread, error);
    atomic_fetch_add(&run->batches.done, done);
    return done;
}

bool layer_preactivations_steps(const struct layer *layer, const struct matrix *x, struct matrix *u,
                                const struct progress *progress, struct error *error) {
    if (x->rows == 0)
        return true;
    struct layer_run run = {.layer = layer, .x = x, .u = u};
    batches_init(&run.batches, layer, 1, x->rows, "activations", progress);
    matrix_one_thread();
    return parallel_run(run.batches.count, layer_piece, &run, run.batches.what, progress, error);
}

bool layer_forward_steps(const struct layer *layer, struct matrix *x,
                         const struct progress *progress, struct error *error) {
    struct matrix after = {0};
    bool done = matrix_init(&after, x->rows, layer->neurons, error) &&
                layer_preactivations_steps(layer, x, &after, progress, error);
    if (done)
        layer_activate(layer, true, after.data, after.rows);
    matrix_free(x);
    *x = after;
    return done;
}

struct forward_run {
    struct batches batches;
    const struct forward *forward;
    size_t width;                      /* of a buffer's rows */
    double *buffers[PARALLEL_THREADS]; /* [2 x batch x width] of each thread, made on demand */
};

/* Where layer l (from 1) of a batch that begins at row `first` puts what it gives. */
static double *layer_place(const struct forward_run *run, size_t l, size_t first, size_t thread) {
    const struct forward *forward = run->forward;
    size_t neurons = forward->network->layers[l - 1].neurons;
    if (l == forward->network->depth)
        return forward->out + first * neurons;
    if (forward->keep && forward->keep[l - 1])
        return forward->keep[l - 1] + first * neurons;
    return run->buffers[thread] + l % 2 * run->batches.batch * run->width;
}

static bool forward_piece(void *user, size_t piece, size_t thread, struct error *error) {
    struct forward_run *run = user;
    const struct forward *forward = run->forward;
    const struct network *network = forward->network;
    size_t first = piece * run->batches.batch, rows = batches_rows(&run->batches, piece);
    const double *x = forward->x + first * network->layers[forward->from].inputs;
    if (!run->buffers[thread])
        run->buffers[thread] = memory_new(2 * run->batches.batch, run->width * sizeof *x, error);
    if (!run->buffers[thread])
        return false;
    for (size_t l = forward->from + 1; l <= network->depth; l++) {
        const struct layer *layer = &network->layers[l - 1];
        bool activate = !forward->logits || layer->activation.kind != ACTIVATION_SOFTMAX;
        double *u = layer_place(run, l, first, thread);
        if (!layer_batch(layer, x, rows, activate, u, &run->batches, thread, error))
            return false;
        x = u;
    }
    atomic_fetch_add(&run->batches.done, 1);
    return true;
}

/* The widest layer that needs a buffer. */
static size_t buffer_width(const struct forward *forward) {
    size_t widest = 0;
    for (size_t l = forward->from; l + 1 < forward->network->depth; l++) {
        bool kept = forward->keep && forward->keep[l];
        if (!kept && forward->network->layers[l].neurons > widest)
            widest = forward->network->layers[l].neurons;
    }
    return widest;
}

bool network_forward_from(const struct forward *forward, const struct progress *progress,
                          struct error *error) {
    const struct network *network = forward->network;
    if (forward->rows == 0)
        return true;
    struct forward_run run = {.forward = forward, .width = buffer_width(forward)};
    /* The same batches wherever it begins: then so are the results. */
    batches_init(&run.batches, network->layers, network->depth, forward->rows, "evaluating",
                 progress);
    matrix_one_thread();
    bool done =
        parallel_run(run.batches.count, forward_piece, &run, run.batches.what, progress, error);
    for (size_t t = 0; t < PARALLEL_THREADS; t++)
        free(run.buffers[t]);
    return done;
}

bool network_forward(const struct network *network, const double *x, size_t rows, bool logits,
                     double *out, const struct progress *progress, struct error *error) {
    struct forward forward = {
        .network = network, .rows = rows, .x = x, .logits = logits, .out = out};
    return network_forward_from(&forward, progress, error);
}

void trace_free(struct trace *trace) {
    for (size_t l = 0; l < trace->depth; l++) {
        if (trace->pre)
            matrix_free(&trace->pre[l]);
        if (trace->post)
            matrix_free(&trace->post[l]);
    }
    free(trace->pre);
    free(trace->post);
    *trace = (struct trace){0};
}

/* One layer of a trace; `from` [rows x inputs]. */
static bool trace_layer(const struct layer *layer, const struct matrix *from, struct matrix *pre,
                        struct matrix *post, const struct progress *progress, struct error *error) {
    if (!matrix_init(pre, from->rows, layer->neurons, error) ||
        !layer_preactivations_steps(layer, from, pre, progress, error) ||
        !matrix_init_copy(post, pre, error))
        return false;
    layer_activate(layer, true, post->data, from->rows);
    return true;
}

bool network_trace(const struct network *network, const struct matrix *x, struct trace *trace,
                   const struct progress *progress, struct error *error) {
    *trace = (struct trace){.depth = network->depth, .rows = x->rows};
    trace->pre = memory_new(network->depth, sizeof *trace->pre, error);
    trace->post = memory_new(network->depth, sizeof *trace->post, error);
    bool done = trace->pre && trace->post;
    for (size_t l = 0; done && l < network->depth; l++)
        done = trace_layer(&network->layers[l], l ? &trace->post[l - 1] : x, &trace->pre[l],
                           &trace->post[l], progress, error);
    if (!done)
        trace_free(trace);
    return done;
}
