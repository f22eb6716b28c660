#include "lumpscope/structured.h"

#include "foundation/lapack.h"
#include "lumpscope/memory.h"
#include "lumpscope/refit.h"

#include <math.h>
#include <string.h>

static const char *const names[STRUCTURED_METHODS] = {"neuron", "id"};

/* A neuron in the order in which a method gives neurons up. */
struct candidate {
    double score; /* the lowest leave first; id: |R_kk| / |R_11| */
    size_t layer, neuron;
};

struct structured {
    enum structured_method method;
    const struct network *network;
    const struct matrix *rows;
    struct trace trace;          /* id: of the original */
    struct candidate *candidate; /* [count] hidden neurons, the first to leave first */
    size_t count;
    bool overflows; /* id: an activation, times what its neuron sends, is no number */
};

const char *structured_name(enum structured_method method) {
    return names[method];
}

void structured_free(struct structured *structured) {
    if (!structured)
        return;
    trace_free(&structured->trace);
    free(structured->candidate);
    free(structured);
}

/* || V[:,j] ||_2 */
static double sent_norm(const struct layer *consumer, size_t j) {
    return matrix_norm(consumer->weights + j, consumer->neurons, consumer->inputs);
}

/* || (W[i,:], b_i) ||_2 */
static double read_norm(const struct layer *layer, size_t i) {
    return hypot(matrix_norm(layer->weights + i * layer->inputs, layer->inputs, 1), layer->bias[i]);
}

static void score_neurons(struct structured *structured) {
    const struct network *network = structured->network;
    for (size_t l = 0; l < network_hidden(network); l++) {
        const struct layer *layer = &network->layers[l];
        struct candidate *first = structured->candidate + structured->count;
        double mean = 0;
        for (size_t i = 0; i < layer->neurons; i++) {
            double score = read_norm(layer, i) * sent_norm(&network->layers[l + 1], i);
            first[i] = (struct candidate){score, l, i};
            mean += score / (double)layer->neurons;
        }
        for (size_t i = 0; mean != 0 && i < layer->neurons; i++)
            first[i].score /= mean;
        structured->count += layer->neurons;
    }
}

/* The activations of one layer, columns scaled by what they send, column after column. */
static double *scaled_columns(const struct structured *structured, size_t l, struct error *error) {
    const struct matrix *x = &structured->trace.post[l];
    double *columns = memory_new(x->rows * x->columns, sizeof *columns, error);
    for (size_t j = 0; columns && j < x->columns; j++) {
        double scale = sent_norm(&structured->network->layers[l + 1], j);
        for (size_t r = 0; r < x->rows; r++)
            columns[j * x->rows + r] = scale * x->data[r * x->columns + j];
    }
    return columns;
}

/* Column-pivoted QR of one layer: neurons in pivot order with |R_kk| / |R_11|; those beyond the
 * rank that the rows allow come with 0. */
static bool pivot_layer(struct structured *structured, size_t l, struct error *error) {
    size_t rows = structured->trace.rows, n = structured->trace.post[l].columns;
    size_t rank = rows < n ? rows : n;
    double *columns = scaled_columns(structured, l, error);
    lapack_int *pivot = memory_new(n, sizeof *pivot, error);
    double *tau = memory_new(rank, sizeof *tau, error);
    bool done = columns && pivot && tau;
    const struct matrix view = {.rows = n, .columns = rows, .data = columns};
    structured->overflows |= done && !matrix_finite(&view);
    matrix_one_thread();
    lapack_int answer = 0;
    if (done && !structured->overflows)
        answer = LAPACKE_dgeqp3(LAPACK_COL_MAJOR, (lapack_int)rows, (lapack_int)n, columns,
                                (lapack_int)rows, pivot, tau);
    if (lapack_no_memory(answer))
        done = error_memory(error, n * sizeof *columns);
    else if (answer != 0)
        done = error_set(error, ERROR_REQUEST,
                         "hidden layer %zu: its activations cannot be factored; they are too large",
                         l + 1);
    double largest = done ? fabs(columns[0]) : 0;
    for (size_t k = 0; done && k < n; k++) {
        double diagonal = k < rank ? fabs(columns[k * rows + k]) : 0;
        structured->candidate[structured->count++] =
            (struct candidate){.score = largest > 0 ? diagonal / largest : 0,
                               .layer = l,
                               .neuron = (size_t)pivot[k] - 1};
    }
    free(columns);
    free(pivot);
    free(tau);
    return done;
}

static int lowest_first(const void *x, const void *y) {
    const struct candidate *a = x, *b = y;
    if (a->score != b->score)
        return a->score < b->score ? -1 : 1;
    if (a->layer != b->layer)
        return a->layer < b->layer ? -1 : 1;
    return a->neuron < b->neuron ? -1 : a->neuron > b->neuron;
}

static bool rank_candidates(struct structured *structured, const struct progress *progress,
                            struct error *error) {
    size_t hidden = network_hidden(structured->network);
    if (structured->method == STRUCTURED_NEURON) {
        score_neurons(structured);
        qsort(structured->candidate, structured->count, sizeof *structured->candidate,
              lowest_first);
        return true;
    }
    if (!network_trace(structured->network, structured->rows, &structured->trace, progress, error))
        return false;
    for (size_t l = 0; l < hidden; l++)
        if (!progress_step(progress, "interpolative decomposition", l, hidden, error) ||
            !pivot_layer(structured, l, error))
            return false;
    return true;
}

struct structured *structured_new(enum structured_method method, const struct network *network,
                                  const struct matrix *rows, const struct progress *progress,
                                  struct error *error) {
    struct structured *structured = memory_new(1, sizeof *structured, error);
    if (!structured)
        return NULL;
    structured->method = method;
    structured->network = network;
    structured->rows = rows;
    structured->candidate =
        memory_new(network_hidden_neurons(network), sizeof *structured->candidate, error);
    if (!structured->candidate || !rank_candidates(structured, progress, error)) {
        structured_free(structured);
        return NULL;
    }
    return structured;
}

/* Kept neurons of every hidden layer: kept[l][k], `size` [hidden] how many. */
struct selection {
    size_t hidden;
    size_t **kept, *size;
};

static void selection_free(struct selection *selection) {
    for (size_t l = 0; selection->kept && l < selection->hidden; l++)
        free(selection->kept[l]);
    free(selection->kept);
    free(selection->size);
}

static bool selection_init(struct selection *selection, const struct network *network,
                           struct error *error) {
    *selection = (struct selection){.hidden = network_hidden(network)};
    selection->kept = memory_new(selection->hidden, sizeof *selection->kept, error);
    selection->size = memory_new(selection->hidden, sizeof *selection->size, error);
    bool made = selection->kept && selection->size;
    for (size_t l = 0; made && l < selection->hidden; l++) {
        selection->kept[l] =
            memory_new(network->layers[l].neurons, sizeof **selection->kept, error);
        made = selection->kept[l] != NULL;
    }
    return made;
}

static size_t selection_parameters(const struct selection *selection,
                                   const struct network *network) {
    size_t inputs = network_inputs(network), total = 0;
    for (size_t l = 0; l < selection->hidden; l++) {
        total += selection->size[l] * (inputs + 1);
        inputs = selection->size[l];
    }
    return total + network_outputs(network) * (inputs + 1);
}

static bool small_enough(const struct selection *selection, const struct network *network,
                         double grp) {
    return 100 * (double)selection_parameters(selection, network) <=
           grp * (double)network_parameters(network);
}

/* neuron: the weakest leave one by one until the network is small enough; every layer keeps one. */
static bool select_neurons(const struct structured *structured, double grp,
                           struct selection *selection, struct error *error) {
    const struct network *network = structured->network;
    bool *gone = memory_new(structured->count, sizeof *gone, error);
    if (!gone)
        return false;
    for (size_t l = 0; l < selection->hidden; l++)
        selection->size[l] = network->layers[l].neurons;
    for (size_t k = 0; k < structured->count && !small_enough(selection, network, grp); k++) {
        size_t l = structured->candidate[k].layer;
        if (selection->size[l] > 1) {
            gone[k] = true;
            selection->size[l]--;
        }
    }
    memset(selection->size, 0, selection->hidden * sizeof *selection->size);
    for (size_t k = 0; k < structured->count; k++) {
        const struct candidate *candidate = &structured->candidate[k];
        if (!gone[k])
            selection->kept[candidate->layer][selection->size[candidate->layer]++] =
                candidate->neuron;
    }
    free(gone);
    return true;
}

static void select_above(const struct structured *structured, double tau,
                         struct selection *selection) {
    memset(selection->size, 0, selection->hidden * sizeof *selection->size);
    for (size_t k = 0; k < structured->count; k++) {
        const struct candidate *candidate = &structured->candidate[k];
        size_t *size = &selection->size[candidate->layer];
        /* Candidates of a layer come in pivot order; only leading ones count, the first always. */
        bool leading = k == 0 || structured->candidate[k - 1].layer != candidate->layer;
        bool before_kept = leading || (*size > 0 && selection->kept[candidate->layer][*size - 1] ==
                                                        structured->candidate[k - 1].neuron);
        if (leading || (before_kept && candidate->score > tau))
            selection->kept[candidate->layer][(*size)++] = candidate->neuron;
    }
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

/* id: one threshold for all layers, the smallest that makes the network small enough. */
static bool select_pivots(const struct structured *structured, double grp,
                          struct selection *selection, struct error *error) {
    double *tau = memory_new(structured->count + 1, sizeof *tau, error);
    if (!tau)
        return false;
    for (size_t k = 0; k < structured->count; k++)
        tau[k + 1] = structured->candidate[k].score;
    qsort(tau, structured->count + 1, sizeof *tau, ascending);
    for (size_t k = 0; k <= structured->count; k++) {
        select_above(structured, tau[k], selection);
        if (small_enough(selection, structured->network, grp))
            break;
    }
    free(tau);
    return true;
}

static int ascending_size(const void *x, const void *y) {
    size_t a = *(const size_t *)x, b = *(const size_t *)y;
    return a < b ? -1 : a > b;
}

/* The consumer's columns of the kept neurons, as they are. */
static bool keep_columns(struct layer *consumer, const size_t *kept, size_t count,
                         struct error *error) {
    struct layer reduced = {0};
    if (!layer_resize(&reduced, consumer->neurons, count, error))
        return false;
    for (size_t i = 0; i < consumer->neurons; i++)
        for (size_t k = 0; k < count; k++)
            reduced.weights[i * count + k] = consumer->weights[i * consumer->inputs + kept[k]];
    free(consumer->weights);
    free(reduced.bias);
    consumer->weights = reduced.weights;
    consumer->inputs = count;
    return true;
}

static bool keep_rows(struct layer *layer, const size_t *kept, size_t count, struct error *error) {
    struct layer reduced = {0};
    if (!layer_resize(&reduced, count, layer->inputs, error))
        return false;
    for (size_t k = 0; k < count; k++) {
        memcpy(reduced.weights + k * layer->inputs, layer->weights + kept[k] * layer->inputs,
               layer->inputs * sizeof(double));
        reduced.bias[k] = layer->bias[kept[k]];
    }
    free(layer->weights);
    free(layer->bias);
    layer->weights = reduced.weights;
    layer->bias = reduced.bias;
    layer->neurons = count;
    return true;
}

/* combination [count x n]: every activation as minimum-norm least squares of the kept ones, on the
 * original's activations x [rows x n]. */
static bool combine(const struct matrix *x, const size_t *kept, size_t count,
                    struct matrix *combination, struct error *error) {
    size_t rows = x->rows, n = x->columns, tall = rows > count ? rows : count;
    struct matrix a = {0}, b = {0}; /* column after column */
    lapack_int rank;
    double *singular = memory_new(count, sizeof *singular, error);
    bool done = singular && matrix_init(&a, count, rows, error) &&
                matrix_init(&b, n, tall, error) && matrix_init(combination, count, n, error);
    for (size_t k = 0; done && k < count; k++)
        for (size_t r = 0; r < rows; r++)
            a.data[k * rows + r] = x->data[r * n + kept[k]];
    for (size_t j = 0; done && j < n; j++)
        for (size_t r = 0; r < rows; r++)
            b.data[j * tall + r] = x->data[r * n + j];
    matrix_one_thread();
    lapack_int answer = 0;
    if (done)
        answer =
            LAPACKE_dgelsd(LAPACK_COL_MAJOR, (lapack_int)rows, (lapack_int)count, (lapack_int)n,
                           a.data, (lapack_int)rows, b.data, (lapack_int)tall, singular, -1, &rank);
    if (lapack_no_memory(answer))
        done = error_memory(error, rows * sizeof *singular);
    else if (answer != 0)
        done = error_set(error, ERROR_REQUEST,
                         "the activations of a layer cannot be combined; they are too large");
    for (size_t j = 0; done && j < n; j++)
        for (size_t k = 0; k < count; k++)
            combination->data[k * n + j] = b.data[j * tall + k];
    free(singular);
    matrix_free(&a);
    matrix_free(&b);
    return done;
}

/* Folds the neurons that leave into the consumer: V[:,K] + V[:,others] T^T. */
static void fold(struct layer *consumer, const size_t *kept, size_t count,
                 const struct matrix *combination) {
    size_t n = consumer->inputs, next = 0;
    for (size_t j = 0; j < n; j++) {
        if (next < count && kept[next] == j) {
            next++;
            continue;
        }
        for (size_t i = 0; i < consumer->neurons; i++) {
            double *row = consumer->weights + i * n;
            for (size_t k = 0; k < count; k++)
                row[kept[k]] += row[j] * combination->data[k * n + j];
        }
    }
}

static bool interpolate_layer(const struct structured *structured, struct network *work, size_t l,
                              const size_t *kept, size_t count, struct matrix *before,
                              const struct progress *progress, struct error *error) {
    struct matrix combination = {0};
    bool done = combine(&structured->trace.post[l], kept, count, &combination, error);
    if (done)
        fold(&work->layers[l + 1], kept, count, &combination);
    matrix_free(&combination);
    return done && keep_rows(&work->layers[l], kept, count, error) &&
           keep_columns(&work->layers[l + 1], kept, count, error) &&
           layer_forward_steps(&work->layers[l], before, progress, error) &&
           refit_layer(&work->layers[l + 1], before, &structured->trace.pre[l + 1], progress,
                       error);
}

static bool apply(const struct structured *structured, const struct selection *selection,
                  struct network *work, const struct progress *progress, struct error *error) {
    struct matrix before = {0};
    bool id = structured->method == STRUCTURED_ID;
    bool done = !id || matrix_init_copy(&before, structured->rows, error);
    for (size_t l = 0; done && l < selection->hidden; l++) {
        size_t *kept = selection->kept[l], count = selection->size[l];
        qsort(kept, count, sizeof *kept, ascending_size);
        done = progress_step(progress, "reducing", l, selection->hidden, error) &&
               (id ? interpolate_layer(structured, work, l, kept, count, &before, progress, error)
                   : keep_rows(&work->layers[l], kept, count, error) &&
                         keep_columns(&work->layers[l + 1], kept, count, error));
    }
    matrix_free(&before);
    return done;
}

struct network *structured_reduce(const struct structured *structured, double grp, bool *reached,
                                  const struct progress *progress, struct error *error) {
    struct selection selection = {0};
    struct network *work = network_copy(structured->network, error);
    *reached = false;
    if (structured->overflows)
        return work;
    bool done =
        work && selection_init(&selection, structured->network, error) &&
        (structured->method == STRUCTURED_ID ? select_pivots(structured, grp, &selection, error)
                                             : select_neurons(structured, grp, &selection, error));
    if (done)
        *reached = small_enough(&selection, structured->network, grp);
    done = done && apply(structured, &selection, work, progress, error);
    selection_free(&selection);
    if (!done) {
        network_free(work);
        return NULL;
    }
    return work;
}
