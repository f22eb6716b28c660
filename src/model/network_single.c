/* The forward pass in single precision: weights and what passes between layers are floats; an
 * activation is computed in double and rounded. */
#include "lumpscope/memory.h"
#include "lumpscope/network.h"
#include "lumpscope/parallel.h"

#include "model/batches.h"

struct single_layer {
    float *weights, *bias; /* [neurons x inputs], [neurons] */
};

struct single_run {
    struct batches batches;
    const struct network *network;
    struct single_layer *layers; /* [depth] */
    const double *x;
    double *out;
    size_t width;                     /* of a buffer's rows */
    float *buffers[PARALLEL_THREADS]; /* [2 x batch x width] of each thread, made on demand */
};

static float *to_floats(const double *from, size_t count, struct error *error) {
    float *floats = memory_new(count, sizeof *floats, error);
    for (size_t k = 0; floats && k < count; k++)
        floats[k] = (float)from[k];
    return floats;
}

/* Bias and activation, some values at a time. */
static void finish_row(const struct layer *layer, const float *bias, float *row, size_t count) {
    enum { PART = 256 };
    double values[PART];
    bool activate = layer->activation.kind != ACTIVATION_SOFTMAX;
    for (size_t first = 0; first < count; first += PART) {
        size_t part = count - first < PART ? count - first : PART;
        for (size_t i = 0; i < part; i++)
            values[i] = (double)(row[first + i] + bias[first + i]);
        if (activate)
            activation_apply(&layer->activation, values, 1, part);
        for (size_t i = 0; i < part; i++)
            row[first + i] = (float)values[i];
    }
}

static bool single_layer_batch(struct single_run *run, size_t l, const float *x, size_t rows,
                               float *u, size_t thread, struct error *error) {
    const struct layer *layer = &run->network->layers[l];
    const struct single_layer *single = &run->layers[l];
    size_t panel = batches_panel(rows);
    for (size_t first = 0; first < layer->neurons; first += panel) {
        size_t left = layer->neurons - first, neurons = left < panel ? left : panel, start = 0;
        do {
            size_t rest = layer->inputs - start;
            size_t count = rest < BATCHES_INPUTS ? rest : BATCHES_INPUTS;
            if (!batches_go_on(&run->batches, thread, error))
                return false;
            matrix_multiply_nt_single(
                x + start, layer->inputs, single->weights + first * layer->inputs + start,
                layer->inputs, start > 0, u + first, layer->neurons, rows, neurons, count);
            start += count;
        } while (start < layer->inputs);
        for (size_t r = 0; r < rows; r++)
            finish_row(layer, single->bias + first, u + r * layer->neurons + first, neurons);
    }
    return true;
}

static bool single_piece(void *user, size_t piece, size_t thread, struct error *error) {
    struct single_run *run = user;
    const struct network *network = run->network;
    size_t first = piece * run->batches.batch, rows = batches_rows(&run->batches, piece);
    size_t inputs = network_inputs(network), outputs = network_outputs(network);
    float **buffer = &run->buffers[thread];
    if (!*buffer)
        *buffer = memory_new(2 * run->batches.batch, run->width * sizeof **buffer, error);
    if (!*buffer)
        return false;
    float *x = *buffer, *u = *buffer + run->batches.batch * run->width;
    for (size_t k = 0; k < rows * inputs; k++)
        x[k] = (float)run->x[first * inputs + k];
    for (size_t l = 0; l < network->depth; l++) {
        if (!single_layer_batch(run, l, x, rows, u, thread, error))
            return false;
        float *next = x;
        x = u;
        u = next;
    }
    double *out = run->out + first * outputs;
    for (size_t k = 0; k < rows * outputs; k++)
        out[k] = (double)x[k];
    if (network_is_softmax(network))
        layer_activate(&network->layers[network->depth - 1], false, out, rows);
    atomic_fetch_add(&run->batches.done, 1);
    return true;
}

static bool round_layers(struct single_run *run, struct error *error) {
    const struct network *network = run->network;
    run->layers = memory_new(network->depth, sizeof *run->layers, error);
    run->width = network_inputs(network);
    bool done = run->layers != NULL;
    for (size_t l = 0; done && l < network->depth; l++) {
        const struct layer *layer = &network->layers[l];
        run->layers[l].weights = to_floats(layer->weights, layer->neurons * layer->inputs, error);
        run->layers[l].bias = to_floats(layer->bias, layer->neurons, error);
        run->width = layer->neurons > run->width ? layer->neurons : run->width;
        done = run->layers[l].weights && run->layers[l].bias;
    }
    return done;
}

bool network_forward_single(const struct network *network, const double *x, size_t rows,
                            double *out, const struct progress *progress, struct error *error) {
    struct single_run run = {.network = network, .x = x, .out = out};
    bool done = round_layers(&run, error);
    if (done && rows > 0) {
        batches_init(&run.batches, network->layers, network->depth, rows, "evaluating", progress);
        matrix_one_thread();
        done =
            parallel_run(run.batches.count, single_piece, &run, run.batches.what, progress, error);
    }
    for (size_t l = 0; run.layers && l < network->depth; l++) {
        free(run.layers[l].weights);
        free(run.layers[l].bias);
    }
    for (size_t t = 0; t < PARALLEL_THREADS; t++)
        free(run.buffers[t]);
    free(run.layers);
    return done;
}
