#include "lumpscope/evaluate.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <string.h>

bool evaluation_init(struct evaluation *evaluation, const struct network *network,
                     const struct matrix *inputs, const struct matrix *targets,
                     struct error *error) {
    *evaluation = (struct evaluation){.network = network, .inputs = inputs, .targets = targets};
    return matrix_init(&evaluation->outputs, inputs->rows, network_outputs(network), error);
}

void evaluation_free(struct evaluation *evaluation) {
    matrix_free(&evaluation->outputs);
    *evaluation = (struct evaluation){0};
}

void activations_free(struct activations *activations) {
    for (size_t l = 0; l < activations->hidden; l++)
        matrix_free(&activations->layer[l].x);
    free(activations->layer);
    *activations = (struct activations){0};
}

/* Four lanes, so that memory and not the multiplications sets the pace. */
static uint64_t hash_values(uint64_t hash, const double *values, size_t count) {
    enum { LANES = 4 };
    uint64_t lane[LANES] = {hash, hash + 1, hash + 2, hash + 3};
    for (size_t i = 0; i < count; i += LANES) {
        uint64_t word[LANES] = {0};
        memcpy(word, &values[i], (count - i < LANES ? count - i : LANES) * sizeof *word);
        for (size_t k = 0; k < LANES; k++) {
            uint64_t mixed = (lane[k] ^ word[k]) * 0x9e3779b97f4a7c15u;
            lane[k] = mixed ^ mixed >> 32;
        }
    }
    for (size_t k = 0; k < LANES; k++)
        hash = (hash ^ lane[k]) * 0x100000001b3u;
    return hash;
}

static uint64_t hash_layer(uint64_t hash, const struct layer *layer) {
    const struct activation *activation = &layer->activation;
    const double shape[] = {(double)layer->inputs, (double)layer->neurons, activation->kind,
                            activation->parameter};
    hash = hash_values(hash, shape, sizeof shape / sizeof *shape);
    if (activation->kind == ACTIVATION_POLYNOMIAL)
        hash = hash_values(hash, activation->coefficients, activation->degree + 1);
    hash = hash_values(hash, layer->weights, layer->inputs * layer->neurons);
    return hash_values(hash, layer->bias, layer->neurons);
}

/* How many rows of all hidden layers together have room. */
static size_t kept_rows(const struct network *network, size_t rows) {
    size_t bytes = network_hidden_neurons(network) * sizeof(double);
    size_t most = ACTIVATIONS_BYTES / (bytes > 0 ? bytes : 1);
    return rows < most ? rows : most;
}

bool evaluation_keep(struct evaluation *evaluation, struct activations *kept, struct error *error) {
    const struct network *network = evaluation->network;
    size_t hidden = network_hidden(network), rows = kept_rows(network, evaluation->inputs->rows);
    uint64_t hash = evaluation->inputs->rows;
    kept->user = NULL;
    evaluation->kept = kept;
    if (kept->hidden != hidden) {
        activations_free(kept);
        kept->layer = memory_new(hidden, sizeof *kept->layer, error);
        if (!kept->layer)
            return false;
        kept->hidden = hidden;
    }
    for (size_t l = 0; l < hidden; l++) {
        struct kept_layer *layer = &kept->layer[l];
        hash = hash_layer(hash, &network->layers[l]);
        if (layer->x.data && layer->hash == hash && layer->x.rows <= rows)
            continue;
        matrix_free(&layer->x);
        layer->hash = hash;
        layer->rows = 0;
        if (!matrix_init(&layer->x, rows, network->layers[l].neurons, error))
            return false;
    }
    kept->user = evaluation;
    return true;
}

/* What the evaluation may use; NULL when there is nothing, or another has taken it since. */
static struct activations *in_use(const struct evaluation *evaluation) {
    struct activations *kept = evaluation->kept;
    return kept && kept->user == evaluation ? kept : NULL;
}

/* Behind the last layer whose outputs on rows up to `end` are there; and where those of the layers
 * that follow go: `keep` [hidden]. */
static void use_kept(const struct activations *kept, size_t first, struct forward *forward,
                     double **keep) {
    size_t end = first + forward->rows;
    for (size_t l = 0; kept && l < kept->hidden; l++) {
        struct kept_layer *layer = &kept->layer[l];
        keep[l] = layer->x.rows >= end ? matrix_row(&layer->x, first) : NULL;
        if (layer->rows < end)
            continue;
        forward->from = l + 1;
        forward->x = keep[l];
    }
}

static void note_kept(struct activations *kept, size_t from, size_t end) {
    for (size_t l = from; kept && l < kept->hidden; l++)
        if (kept->layer[l].x.rows >= end)
            kept->layer[l].rows = end;
}

/* What a piece reports counts as part of the whole. */
struct share {
    const struct progress *progress;
    size_t first, count, rows;
};

static bool report_share(void *user, const char *what, size_t done, size_t total) {
    const struct share *share = user;
    size_t rows = share->first + (total ? share->count * done / total : 0);
    return share->progress->report(share->progress->user, what, rows, share->rows);
}

static bool advance(struct evaluation *evaluation, size_t count, double **keep,
                    const struct progress *progress, struct error *error) {
    size_t first = evaluation->done, end = first + count;
    struct activations *kept = in_use(evaluation);
    struct forward forward = {.network = evaluation->network,
                              .rows = count,
                              .x = matrix_row(evaluation->inputs, first),
                              .keep = kept ? keep : NULL,
                              .out = matrix_row(&evaluation->outputs, first)};
    struct share share = {progress, first, count, evaluation->inputs->rows};
    struct progress within = {report_share, &share};
    use_kept(kept, first, &forward, keep);
    if (!network_forward_from(&forward, progress && progress->report ? &within : NULL, error))
        return false;
    note_kept(kept, forward.from, end);
    evaluation->done = end;
    return true;
}

/* What is done stays done when the next piece, of some tenths of a second, is interrupted. */
static size_t piece_rows(const struct evaluation *evaluation, size_t end) {
    enum { LEAST = 256 };
    static const double operations = 2e10;
    const struct activations *kept = in_use(evaluation);
    for (size_t l = 0; kept && l < kept->hidden; l++) {
        size_t room = kept->layer[l].x.rows;
        end = evaluation->done < room && room < end ? room : end;
    }
    size_t left = end - evaluation->done;
    double rows = operations / (2 * (double)network_macs(evaluation->network) + 1);
    size_t piece = rows < LEAST ? LEAST : rows < (double)left ? (size_t)rows : left;
    return piece < left ? piece : left;
}

bool evaluation_advance(struct evaluation *evaluation, size_t rows, const struct progress *progress,
                        struct error *error) {
    size_t left = evaluation->inputs->rows - evaluation->done;
    size_t end = evaluation->done + (rows < left ? rows : left);
    double *keep[NETWORK_MAX_LAYERS];
    while (evaluation->done < end)
        if (!advance(evaluation, piece_rows(evaluation, end), keep, progress, error))
            return false;
    return true;
}

void evaluation_metrics(const struct evaluation *evaluation, struct metrics *metrics) {
    metrics_compute(evaluation->network, evaluation->outputs.data, evaluation->targets->data,
                    evaluation->done, metrics);
}

bool evaluate_network(const struct network *network, const struct matrix *inputs,
                      const struct matrix *targets, struct activations *kept,
                      struct metrics *metrics, const struct progress *progress,
                      struct error *error) {
    struct evaluation evaluation;
    if (!evaluation_init(&evaluation, network, inputs, targets, error))
        return false;
    bool done = (!kept || evaluation_keep(&evaluation, kept, error)) &&
                evaluation_advance(&evaluation, inputs->rows, progress, error);
    if (done)
        evaluation_metrics(&evaluation, metrics);
    evaluation_free(&evaluation);
    return done;
}

static double output_difference(const struct matrix *a, const struct matrix *b, size_t output) {
    double squares = 0, largest = 0;
    for (size_t r = 0; r < a->rows; r++) {
        double value = matrix_row(a, r)[output], away = fabs(value - matrix_row(b, r)[output]);
        if (!isfinite(away))
            return NAN;
        squares += value * value;
        largest = away > largest ? away : largest;
    }
    return largest > 0 ? largest / sqrt(squares / (double)a->rows) : 0;
}

static double largest_difference(const struct matrix *a, const struct matrix *b) {
    double largest = 0;
    for (size_t o = 0; o < a->columns; o++) {
        double difference = output_difference(a, b, o);
        largest = isnan(difference) || difference > largest ? difference : largest;
        if (!isfinite(largest))
            return NAN;
    }
    return largest;
}

bool evaluate_single(const struct network *network, const struct matrix *inputs,
                     const struct matrix *targets, struct single_metrics *single,
                     const struct progress *progress, struct error *error) {
    struct matrix exact = {0}, rounded = {0};
    size_t rows = inputs->rows, outputs = network_outputs(network);
    bool done = matrix_init(&exact, rows, outputs, error) &&
                matrix_init(&rounded, rows, outputs, error) &&
                network_forward(network, inputs->data, rows, false, exact.data, progress, error) &&
                network_forward_single(network, inputs->data, rows, rounded.data, progress, error);
    if (done) {
        metrics_compute(network, rounded.data, targets->data, rows, &single->metrics);
        single->difference = largest_difference(&exact, &rounded);
    }
    matrix_free(&exact);
    matrix_free(&rounded);
    return done;
}

/* The first row that overflows, and there the first layer. */
static bool first_not_finite(const struct trace *trace, size_t first_row, struct overflow *where) {
    for (size_t r = 0; r < trace->rows; r++)
        for (size_t l = 0; l < trace->depth; l++)
            for (size_t i = 0; i < trace->post[l].columns; i++)
                if (!isfinite(matrix_row(&trace->post[l], r)[i])) {
                    *where = (struct overflow){.layer = l + 1, .neuron = i, .row = first_row + r};
                    return true;
                }
    return false;
}

bool evaluate_overflow(const struct network *network, const struct matrix *inputs,
                       struct overflow *where) {
    enum { BATCH = 64 };
    for (size_t start = 0; start < inputs->rows; start += BATCH) {
        struct matrix batch = {.rows = inputs->rows - start < BATCH ? inputs->rows - start : BATCH,
                               .columns = inputs->columns,
                               .data = matrix_row(inputs, start)};
        struct trace trace;
        struct error ignored;
        if (!network_trace(network, &batch, &trace, NULL, &ignored))
            return false;
        bool found = first_not_finite(&trace, start, where);
        trace_free(&trace);
        if (found)
            return true;
    }
    return false;
}
